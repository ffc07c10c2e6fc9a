#include "actors/domain/password_policy.hpp"

#include "actors/domain/ascii_text.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace tessera {

namespace {

constexpr std::size_t least_known_word = 4;
constexpr std::size_t least_beside_known = 8; // code points that are left without what is known
constexpr std::size_t longest_unit = 4;       // `abcabcabcabc` is three letters

// What is tried first of those that are long enough; in order.
constexpr std::array<std::string_view, 68> common{
    "000000000000",     "010203040506",   "0123456789ab",     "0987654321098",
    "1029384756qp",     "111122223333",   "112233445566",     "121212121212",
    "123123123123",     "1234567890-=",   "123456789000",     "123456789012",
    "1234567890123",    "12345678901234", "123456789012345",  "1234567890987",
    "1234567890ab",     "1234567890abc",  "1234567890qwe",    "123456789abc",
    "123456789qwerty",  "1234qwerasdf",   "1q2w3e4r5t6y",     "1qaz2wsx3edc",
    "1qaz2wsx3edc4rfv", "administrator",  "administrator1",   "alexanderthegreat",
    "asdfghjkl123",     "asdfghjkl;'",    "asdfghjklzxc",     "assassinscreed",
    "basketball123",    "changeme1234",   "changemenow!",     "correcthorsebatterystaple",
    "football1234",     "iloveyou1234",   "iloveyou12345",    "iloveyouforever",
    "iloveyousomuch",   "letmein12345",   "letmeinplease",    "liverpool123",
    "manchesterunited", "newpassword1",   "passw0rd1234",     "passwordpassword",
    "password1234",     "password12345",  "password123456",   "password123!",
    "password1234!",    "password2024!",  "password2025!",    "password2026!",
    "princess1234",     "qazwsxedcrfv",   "qwerty123456",     "qwertyuiop12",
    "qwertyuiop123",    "qwertyuiop[]",   "qwertyuiopasdfgh", "superman1234",
    "unbelievable",     "welcome12345",   "welcome123456",    "zaq12wsxcde3",
};

std::size_t code_points(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

/// A few bytes over and over, or every byte one above or below the one before.
bool is_monotonous(std::string_view text) {
  for (std::size_t unit = 1; unit <= longest_unit; ++unit)
    if (std::equal(text.begin() + static_cast<std::ptrdiff_t>(unit), text.end(), text.begin())) return true;
  for (const int step : {1, -1})
    if (std::adjacent_find(text.begin(), text.end(), [&](char a, char b) { return b - a != step; }) ==
        text.end())
      return true;
  return false;
}

/// The words of a name or an address, in lower case.
std::vector<std::string> words_of(const std::vector<std::string>& known) {
  std::vector<std::string> words;
  for (const auto& text : known) {
    const auto all = lowered(text);
    words.push_back(all);
    for (std::size_t begin = 0; begin < all.size();) {
      const auto end = std::min(all.find_first_of(" .,@-_+/", begin), all.size());
      words.push_back(all.substr(begin, end - begin));
      begin = end + 1;
    }
  }
  std::erase_if(words, [](const auto& word) { return code_points(word) < least_known_word; });
  // The longest first: what is left of it would be a word of its own.
  std::stable_sort(words.begin(), words.end(), [](const auto& a, const auto& b) {
    return a.size() > b.size();
  });
  return words;
}

bool is_obvious(std::string text, const std::vector<std::string>& known) {
  bool found = false;
  for (const auto& word : words_of(known))
    for (auto at = text.find(word); at != text.npos; at = text.find(word)) {
      text.erase(at, word.size());
      found = true;
    }
  return found && code_points(text) < least_beside_known;
}

} // namespace

std::string_view to_string(password_flaw flaw) {
  switch (flaw) {
  case password_flaw::none: return "none";
  case password_flaw::too_short: return "password_too_short";
  case password_flaw::too_long: return "password_too_long";
  case password_flaw::too_common: return "password_too_common";
  case password_flaw::too_obvious: return "password_too_obvious";
  }
  return {};
}

password_flaw
flaw_of(std::string_view password, const std::vector<std::string>& known, const password_policy& policy) {
  const auto length = code_points(password);
  if (length < policy.least) return password_flaw::too_short;
  if (length > policy.most) return password_flaw::too_long;
  const auto text = lowered(password);
  if (std::find(common.begin(), common.end(), text) != common.end() || is_monotonous(text))
    return password_flaw::too_common;
  return is_obvious(text, known) ? password_flaw::too_obvious : password_flaw::none;
}

} // namespace tessera
