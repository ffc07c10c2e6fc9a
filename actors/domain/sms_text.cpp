#include "actors/domain/sms_text.hpp"

#include "actors/domain/template_text.hpp"

#include <algorithm>
#include <array>

namespace tessera {

namespace {

constexpr std::size_t septets_alone = 160;
constexpr std::size_t septets_of_a_part = 153; // the header that joins parts takes seven
constexpr std::size_t units_alone = 70;
constexpr std::size_t units_of_a_part = 67;

// What the default alphabet has beside the ASCII letters, digits and most signs.
constexpr std::u32string_view gsm_letters =
    U"@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà";
constexpr std::u32string_view gsm_extended = U"\f^{}\\[~]|€";

bool is_ascii_letter_or_digit(char32_t c) {
  return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z') || (c >= U'0' && c <= U'9');
}

/// Septets of a letter; 0: the default alphabet has not got it.
std::size_t septets_of(char32_t c) {
  if (is_ascii_letter_or_digit(c) || gsm_letters.find(c) != gsm_letters.npos) return 1;
  return gsm_extended.find(c) != gsm_extended.npos ? 2 : 0;
}

std::size_t utf16_units_of(char32_t c) {
  return c >= 0x10000 ? 2 : 1;
}

std::u32string letters_of(std::string_view text) {
  std::u32string letters;
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
    char32_t letter = length == 1 ? first : first & (0x7fU >> length);
    for (std::size_t k = 1; k < length && i + k < text.size(); ++k)
      letter = (letter << 6) | (static_cast<unsigned char>(text[i + k]) & 0x3f);
    letters += letter;
    i += length;
  }
  return letters;
}

template <class UnitsOf>
sms_size packed(const std::u32string& letters, UnitsOf units_of, std::size_t alone, std::size_t of_a_part) {
  sms_size size;
  std::size_t in_this = 0;
  size.segments = 1;
  for (const auto letter : letters) {
    const auto units = units_of(letter);
    size.units += units;
    if (in_this + units > of_a_part) {
      ++size.segments;
      in_this = 0;
    }
    in_this += units;
  }
  if (size.units <= alone) size.segments = size.units == 0 ? 0 : 1;
  return size;
}

/// Half of a number is another number.
bool is_figure(std::string_view value) {
  return value.find_first_not_of("0123456789.,:- ") == value.npos;
}

} // namespace

sms_size size_of_sms(std::string_view text) {
  const auto letters = letters_of(text);
  const bool is_gsm = std::ranges::all_of(letters, [](char32_t c) { return septets_of(c) > 0; });
  auto size = is_gsm ? packed(letters, septets_of, septets_alone, septets_of_a_part)
                     : packed(letters, utf16_units_of, units_alone, units_of_a_part);
  size.is_gsm = is_gsm;
  return size;
}

std::optional<std::string> render_sms(std::string_view wording, const template_variables& values, int most) {
  constexpr std::array<std::size_t, 4> lengths{200, 80, 40, 20};
  for (const auto length : lengths) {
    auto shorter = values;
    for (auto& [name, value] : shorter)
      if (!name.ends_with("Url") && !is_figure(value)) value = harmless(value, length);
    auto text = render(wording, shorter, template_form::line);
    if (size_of_sms(text).segments <= most) return text;
  }
  return std::nullopt;
}

} // namespace tessera
