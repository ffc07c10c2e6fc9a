#include "actors/support/unicode_text.hpp"

#include <array>
#include <stdexcept>
#include <unicode/uidna.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

namespace tessera {

namespace {

/// Made once, shared by all threads: ICU's are immutable.
const UIDNA* domain_names() {
  static const UIDNA* const opened = [] {
    UErrorCode status = U_ZERO_ERROR;
    const auto* made = uidna_openUTS46(
        UIDNA_USE_STD3_RULES | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_NONTRANSITIONAL_TO_ASCII,
        &status
    );
    if (U_FAILURE(status)) throw std::runtime_error(std::string("ICU: ") + u_errorName(status));
    return made;
  }();
  return opened;
}

std::optional<std::u16string> to_utf16(std::string_view utf8) {
  std::u16string text(utf8.size(), u'\0');
  std::int32_t size = 0;
  UErrorCode status = U_ZERO_ERROR;
  u_strFromUTF8(
      text.data(),
      static_cast<std::int32_t>(text.size()),
      &size,
      utf8.data(),
      static_cast<std::int32_t>(utf8.size()),
      &status
  );
  if (U_FAILURE(status)) return std::nullopt;
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::optional<std::string> to_utf8(std::u16string_view utf16) {
  std::string text(utf16.size() * 3, '\0');
  std::int32_t size = 0;
  UErrorCode status = U_ZERO_ERROR;
  u_strToUTF8(
      text.data(),
      static_cast<std::int32_t>(text.size()),
      &size,
      utf16.data(),
      static_cast<std::int32_t>(utf16.size()),
      &status
  );
  if (U_FAILURE(status)) return std::nullopt;
  text.resize(static_cast<std::size_t>(size));
  return text;
}

} // namespace

std::optional<std::string> normal_form(std::string_view utf8) {
  UErrorCode status = U_ZERO_ERROR;
  const auto* form = unorm2_getNFCInstance(&status);
  const auto text = to_utf16(utf8);
  if (U_FAILURE(status) || !text) return std::nullopt;
  std::u16string normal(text->size() * 3 + 1, u'\0'); // what NFC grows by at most
  const auto size = unorm2_normalize(
      form,
      text->data(),
      static_cast<std::int32_t>(text->size()),
      normal.data(),
      static_cast<std::int32_t>(normal.size()),
      &status
  );
  if (U_FAILURE(status)) return std::nullopt;
  return to_utf8({normal.data(), static_cast<std::size_t>(size)});
}

std::optional<std::string> ascii_domain(std::string_view utf8) {
  std::array<char, 256> name{};
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  UErrorCode status = U_ZERO_ERROR;
  const auto size = uidna_nameToASCII_UTF8(
      domain_names(),
      utf8.data(),
      static_cast<std::int32_t>(utf8.size()),
      name.data(),
      static_cast<std::int32_t>(name.size()),
      &info,
      &status
  );
  if (U_FAILURE(status) || info.errors != 0 || size <= 0 || size > 253) return std::nullopt;
  return std::string(name.data(), static_cast<std::size_t>(size));
}

} // namespace tessera
