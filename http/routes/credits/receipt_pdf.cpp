#include "http/routes/credits/receipt_pdf.hpp"

#include "http/routes/credits/receipt_lines.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <hpdf.h>
#include <memory>
#include <string_view>
#include <vector>

namespace tessera::http {

namespace {

constexpr float margin = 56;
constexpr float bottom = 72;
constexpr float value_column = 190; // from the left edge
constexpr float line_height = 16;
constexpr float text_size = 10.5F;

/// An error stays in the document, and every later call is refused: it is asked for once, at the end.
void remember_nothing(HPDF_STATUS, HPDF_STATUS, void*) {}

struct document_deleter {
  void operator()(HPDF_Doc document) const { HPDF_Free(document); }
};
using document = std::unique_ptr<_HPDF_Doc_Rec, document_deleter>;

bool is_there(const std::string& file) {
  return std::ifstream(file).good();
}

/// UTF-8 as Latin-1, for the fonts that every reader has.
std::string latin1_of(std::string_view utf8) {
  std::string text;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto byte = static_cast<unsigned char>(utf8[i]);
    if (byte < 0x80) {
      text += utf8[i];
    } else if ((byte & 0xFE) == 0xC2 && i + 1 < utf8.size()) {
      text += static_cast<char>((byte << 6 | (static_cast<unsigned char>(utf8[++i]) & 0x3F)) & 0xFF);
    } else if (byte >= 0xC0) {
      text += '?'; // and what follows belongs to it
    }
  }
  return text;
}

HPDF_Date date_of(time_point at) {
  const auto text = to_rfc3339(at);
  const auto part = [&text](std::size_t from, std::size_t length) {
    return std::atoi(text.substr(from, length).c_str());
  };
  return {part(0, 4), part(5, 2), part(8, 2), part(11, 2), part(14, 2), part(17, 2), 'Z', 0, 0};
}

/// Writes from the top down, and goes on on another page.
class writing {
public:
  writing(HPDF_Doc into, const std::string& fonts) : into_(into) {
    const auto file = fonts + "/DejaVuSans.ttf";
    is_unicode_ = is_there(file);
    if (is_unicode_) {
      HPDF_UseUTFEncodings(into_);
      const auto* name = HPDF_LoadTTFontFromFile(into_, file.c_str(), HPDF_TRUE);
      font_ = name != nullptr ? HPDF_GetFont(into_, name, "UTF-8") : nullptr;
    } else {
      font_ = HPDF_GetFont(into_, "Helvetica", "WinAnsiEncoding");
    }
    turn();
  }

  bool is_good() const { return font_ != nullptr && HPDF_GetError(into_) == HPDF_OK; }

  void band(std::string_view color) {
    const auto part = [&](std::size_t at) {
      return static_cast<float>(std::strtol(std::string(color.substr(at, 2)).c_str(), nullptr, 16)) / 255;
    };
    HPDF_Page_SetRGBFill(page_, part(1), part(3), part(5));
    HPDF_Page_Rectangle(page_, 0, HPDF_Page_GetHeight(page_) - 10, HPDF_Page_GetWidth(page_), 10);
    HPDF_Page_Fill(page_);
    HPDF_Page_SetRGBFill(page_, 0, 0, 0);
  }

  void heading(const std::string& text, float size) {
    for (const auto& line : wrapped(text, size, HPDF_Page_GetWidth(page_) - 2 * margin)) {
      down(size * 1.5F);
      put(line, margin, size);
    }
  }

  void gap() { y_ -= line_height; }

  void row(const receipt_line& line) {
    bool is_first = true;
    for (const auto& value : line.values)
      for (const auto& each :
           wrapped(value, size_of(line), HPDF_Page_GetWidth(page_) - margin - value_column)) {
        down(line_height);
        if (is_first) put(std::string(line.name), margin, size_of(line));
        put(each, value_column, size_of(line));
        is_first = false;
      }
    rule();
  }

private:
  static float size_of(const receipt_line& line) { return line.is_total ? text_size + 2 : text_size; }

  void turn() {
    page_ = HPDF_AddPage(into_);
    if (page_ == nullptr) return;
    HPDF_Page_SetSize(page_, HPDF_PAGE_SIZE_A4, HPDF_PAGE_PORTRAIT);
    y_ = HPDF_Page_GetHeight(page_) - margin;
  }

  void down(float height) {
    if (y_ - height < bottom) turn();
    y_ -= height;
  }

  void rule() {
    HPDF_Page_SetLineWidth(page_, 0.5F);
    HPDF_Page_SetGrayStroke(page_, 0.75F);
    HPDF_Page_MoveTo(page_, margin, y_ - 5);
    HPDF_Page_LineTo(page_, HPDF_Page_GetWidth(page_) - margin, y_ - 5);
    HPDF_Page_Stroke(page_);
    y_ -= 5;
  }

  std::string encoded(std::string_view text) const {
    return is_unicode_ ? std::string(text) : latin1_of(text);
  }

  void put(std::string_view text, float x, float size) {
    if (font_ == nullptr || page_ == nullptr) return;
    HPDF_Page_BeginText(page_);
    HPDF_Page_SetFontAndSize(page_, font_, size);
    HPDF_Page_TextOut(page_, x, y_, encoded(text).c_str());
    HPDF_Page_EndText(page_);
  }

  float width_of(std::string_view text, float size) const {
    const auto words = encoded(text);
    const auto* bytes = reinterpret_cast<const HPDF_BYTE*>(words.data());
    const auto width = HPDF_Font_TextWidth(font_, bytes, static_cast<HPDF_UINT>(words.size()));
    return static_cast<float>(width.width) * size / 1000; // of a font's units
  }

  /// At spaces where there are any, else in the middle of a word; never in the middle of a letter.
  std::vector<std::string> wrapped(std::string_view text, float size, float width) {
    std::vector<std::string> lines;
    if (font_ == nullptr || page_ == nullptr) return lines;
    while (!text.empty() && width_of(text, size) > width) {
      std::size_t fits = 0;
      std::size_t space = 0;
      for (std::size_t end = next_letter(text, 0); end < text.size(); end = next_letter(text, end)) {
        if (width_of(text.substr(0, end), size) > width) break;
        fits = end;
        if (text[end] == ' ') space = end;
      }
      const auto cut = space > 0 ? space : std::max(fits, next_letter(text, 0));
      lines.emplace_back(text.substr(0, cut));
      text.remove_prefix(cut);
      while (text.starts_with(' '))
        text.remove_prefix(1);
    }
    lines.emplace_back(text);
    return lines;
  }

  static std::size_t next_letter(std::string_view text, std::size_t at) {
    do
      ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
    return at;
  }

  HPDF_Doc into_;
  HPDF_Font font_ = nullptr;
  HPDF_Page page_ = nullptr;
  float y_ = 0;
  bool is_unicode_ = false;
};

std::string bytes_of(HPDF_Doc made) {
  if (HPDF_SaveToStream(made) != HPDF_OK) return {};
  std::string bytes(HPDF_GetStreamSize(made), '\0');
  HPDF_ResetStream(made);
  std::size_t read = 0;
  while (read < bytes.size()) {
    auto part = static_cast<HPDF_UINT32>(bytes.size() - read);
    HPDF_ReadFromStream(made, reinterpret_cast<HPDF_BYTE*>(bytes.data()) + read, &part);
    if (part == 0) return {};
    read += part;
  }
  return bytes;
}

} // namespace

std::string receipt_pdf(const purchase_view& purchase, const std::string& fonts) {
  const document made(HPDF_New(remember_nothing, nullptr));
  if (!made) return {};
  const auto what = receipt_of(purchase);
  HPDF_SetCompressionMode(made.get(), HPDF_COMP_ALL);
  HPDF_SetInfoAttr(made.get(), HPDF_INFO_TITLE, (what.title + " " + purchase.purchase_id).c_str());
  HPDF_SetInfoDateAttr(made.get(), HPDF_INFO_CREATION_DATE, date_of(purchase.created_at));
  writing out(made.get(), fonts);
  if (!out.is_good()) return {};
  if (!what.color.empty()) out.band(what.color);
  if (!what.seller.empty()) out.heading(what.seller, 12);
  out.heading(what.title, 20);
  if (!what.standing.empty()) out.heading(what.standing, text_size);
  out.gap();
  for (const auto& line : what.lines)
    out.row(line);
  return out.is_good() ? bytes_of(made.get()) : std::string();
}

} // namespace tessera::http
