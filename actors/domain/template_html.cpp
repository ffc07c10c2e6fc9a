#include "actors/domain/template_html.hpp"

#include "actors/domain/template_tag.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

namespace tessera {

namespace {

using namespace std::string_view_literals;

/// Where the next character stands (WHATWG HTML 13.2.5, as far as it matters here).
enum class html_place : std::uint8_t {
  text,
  opening,    // behind `<`
  tag_name,   // of `<p` or `</p`
  in_tag,     // between attributes
  attribute,  // its name
  after_name, // before a `=` that may come
  before_value,
  quoted,
  unquoted,
  markup,  // behind `<!`
  comment, // `<!-- … -->`
  bogus,   // `<!…>`, `<?…>`
  raw,     // script and the like
  raw_end, // behind `</script`
};

enum class attribute_kind : std::uint8_t { plain, address, code };

constexpr std::array raw_elements{
    "script"sv,
    "style"sv,
    "textarea"sv,
    "title"sv,
    "xmp"sv,
    "iframe"sv,
    "noembed"sv,
    "noframes"sv,
    "noscript"sv,
    "plaintext"sv};
constexpr std::array address_attributes{
    "href"sv,    "src"sv,      "action"sv,  "formaction"sv, "background"sv, "poster"sv,   "cite"sv,
    "data"sv,    "srcset"sv,   "ping"sv,    "xlink:href"sv, "longdesc"sv,   "manifest"sv, "usemap"sv,
    "content"sv, "codebase"sv, "classid"sv, "archive"sv,    "profile"sv,    "dynsrc"sv,   "lowsrc"sv};

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool is_letter(char c) {
  return lower(c) >= 'a' && lower(c) <= 'z';
}

attribute_kind kind_of(std::string_view attribute) {
  if (attribute.starts_with("on") || attribute == "style" || attribute == "srcdoc")
    return attribute_kind::code;
  return std::ranges::find(address_attributes, attribute) != address_attributes.end()
             ? attribute_kind::address
             : attribute_kind::plain;
}

/// What stands behind `<!--`.
bool ends_comment(std::string_view text) {
  return text == ">" || text == "->" || text.ends_with("-->") || text.ends_with("--!>");
}

/// Reads HTML a character at a time, as a browser does.
class html_reader {
public:
  void read(char c);
  void read_variable() { value_begun_ = true; }

  html_place place() const { return place_; }
  attribute_kind attribute() const { return kind_of(attribute_); }
  bool value_begun() const { return value_begun_; }
  /// What would be read differently from here on is different here.
  std::string standing() const {
    if (place_ == html_place::text) return "text";
    if (place_ == html_place::in_tag) return "in <" + tag_;
    return std::string(1, quote_) + " in <" + tag_ + " " + std::to_string(static_cast<int>(attribute()));
  }

private:
  void open(char c);
  void read_in_tag(char c);
  void begin_value(char c);
  void read_markup(char c);
  void read_raw(char c);
  void end_tag();

  html_place place_ = html_place::text;
  std::string tag_; // in lower case; `/p`: its end
  std::string attribute_;
  char quote_ = 0;
  bool value_begun_ = false;
  std::string recent_; // of a comment or a raw element
};

void html_reader::read(char c) {
  switch (place_) {
  case html_place::text:
    if (c == '<') place_ = html_place::opening;
    return;
  case html_place::opening: return open(c);
  case html_place::tag_name:
    if (is_space(c) || c == '/' || c == '>')
      read_in_tag(c);
    else
      tag_ += lower(c);
    return;
  case html_place::in_tag: return read_in_tag(c);
  case html_place::attribute:
  case html_place::after_name:
    if (c == '=')
      place_ = html_place::before_value;
    else if (is_space(c))
      place_ = html_place::after_name;
    else if (c == '>' || c == '/' || place_ == html_place::after_name)
      read_in_tag(c);
    else
      attribute_ += lower(c);
    return;
  case html_place::before_value: return begin_value(c);
  case html_place::quoted:
    if (c == quote_)
      place_ = html_place::in_tag;
    else
      value_begun_ = true;
    return;
  case html_place::unquoted:
    if (is_space(c) || c == '>') read_in_tag(c);
    return;
  case html_place::markup:
  case html_place::comment:
  case html_place::bogus: return read_markup(c);
  case html_place::raw:
  case html_place::raw_end: return read_raw(c);
  }
}

void html_reader::open(char c) {
  if (tag_ == "/" && !is_letter(c)) {
    place_ = c == '>' ? html_place::text : html_place::bogus;
    tag_.clear();
  } else if (c == '/' && tag_.empty()) {
    tag_ = "/";
  } else if (is_letter(c)) {
    tag_ = (tag_ == "/" ? "/" : "") + std::string(1, lower(c));
    place_ = html_place::tag_name;
  } else {
    place_ = c == '!' ? html_place::markup : c == '?' ? html_place::bogus : html_place::text;
    recent_.clear();
    if (c == '<') place_ = html_place::opening;
  }
}

void html_reader::read_in_tag(char c) {
  place_ = html_place::in_tag;
  if (c == '>') return end_tag();
  if (is_space(c) || c == '/') return;
  place_ = html_place::attribute;
  attribute_ = lower(c);
}

void html_reader::begin_value(char c) {
  if (is_space(c)) return;
  if (c == '>') return read_in_tag(c);
  value_begun_ = false;
  quote_ = c == '"' || c == '\'' ? c : '\0';
  place_ = quote_ ? html_place::quoted : html_place::unquoted;
}

/// A comment ends with `-->` or `--!>`, or at once: `<!-->`, `<!--->`.
void html_reader::read_markup(char c) {
  recent_ += c;
  if (place_ == html_place::markup) {
    if (recent_ == "-") return;
    place_ = recent_ == "--" ? html_place::comment : html_place::bogus;
    if (place_ == html_place::comment) {
      recent_.clear();
      return;
    }
  }
  const bool ends = place_ == html_place::comment ? ends_comment(recent_) : c == '>';
  if (ends) {
    place_ = html_place::text;
    tag_.clear();
  }
}

void html_reader::read_raw(char c) {
  if (place_ == html_place::raw_end && (is_space(c) || c == '/' || c == '>')) {
    tag_ = "/" + tag_;
    return read_in_tag(c);
  }
  recent_ += lower(c);
  place_ = recent_.ends_with("</" + tag_) ? html_place::raw_end : html_place::raw;
}

void html_reader::end_tag() {
  const bool is_raw = std::ranges::find(raw_elements, tag_) != raw_elements.end();
  place_ = is_raw ? html_place::raw : html_place::text;
  if (!is_raw) tag_.clear();
  recent_.clear();
}

std::string flaw_of_variable(const html_reader& at, std::string_view name) {
  const auto named = "`{{" + std::string(name) + "}}` ";
  if (at.place() == html_place::text) return {};
  if (at.place() != html_place::quoted) return named + "must stand in the text or in a quoted attribute.";
  if (at.attribute() == attribute_kind::code) return named + "must not stand in a style or an event handler.";
  if (at.attribute() == attribute_kind::address && (!name.ends_with("Url") || at.value_begun()))
    return named + "must not stand there: an address is one variable `…Url`, at its beginning.";
  return {};
}

bool may_part(html_place place) {
  return place == html_place::text || place == html_place::in_tag || place == html_place::quoted;
}

} // namespace

template_flaw html_flaw_of(std::string_view html) {
  html_reader reader;
  std::vector<std::string> open; // where the sections began
  std::size_t from = 0;
  const auto read_to = [&](std::size_t end) {
    for (; from < end; ++from)
      reader.read(html[from]);
  };
  for (auto found = next_tag(html, 0); found.end != template_tag::none; found = next_tag(html, from)) {
    read_to(found.begin);
    from = found.end;
    if (found.sign == '!') continue;
    if (found.sign == 0) {
      if (auto wrong = flaw_of_variable(reader, found.name); !wrong.empty()) return {wrong, found.begin};
      reader.read_variable();
      continue;
    }
    if (!may_part(reader.place()))
      return {
          "A section must begin and end in the text, between attributes or in a quoted one.", found.begin};
    if (found.sign != '/') {
      open.push_back(reader.standing());
    } else if (!open.empty()) {
      if (open.back() != reader.standing())
        return {"`{{/" + std::string(found.name) + "}}` must stand where its section began.", found.begin};
      open.pop_back();
    }
  }
  read_to(html.size());
  if (reader.place() == html_place::text || reader.place() == html_place::opening) return {};
  return {"It ends within a tag, a comment or a script.", html.size()};
}

} // namespace tessera
