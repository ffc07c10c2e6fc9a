#include "http/routing/csv.hpp"

#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

/// Goes once over the text.
class reading {
public:
  reading(std::string_view text, std::size_t most) : text_(text), most_(most) {
    if (text_.starts_with(byte_order_mark)) at_ = byte_order_mark.size();
  }

  csv_file run() {
    while (at_ < text_.size() && file_.flaw.empty() && file_.records.size() <= most_)
      read_record();
    return std::move(file_);
  }

private:
  bool is_end() const { return at_ == text_.size() || is_line_end(); }
  bool is_line_end() const {
    return text_[at_] == '\n' || (text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n');
  }
  void skip_line_end() {
    if (at_ == text_.size()) return;
    at_ += text_[at_] == '\r' ? 2 : 1;
    ++line_;
  }

  void read_record() {
    csv_file::record record{line_, {}};
    for (;;) {
      record.cells.push_back(read_cell());
      if (!file_.flaw.empty()) return;
      if (at_ == text_.size() || text_[at_] != ',') break;
      ++at_;
    }
    skip_line_end();
    const bool is_blank = record.cells.size() == 1 && record.cells.front().empty();
    if (!is_blank) file_.records.push_back(std::move(record));
  }

  std::string read_cell() {
    if (at_ < text_.size() && text_[at_] == '"') return read_quoted();
    std::string cell;
    for (; !is_end() && text_[at_] != ','; ++at_) {
      if (text_[at_] == '"') return fail("a quote inside of a cell that does not begin with one");
      if (text_[at_] == '\r') return fail("a carriage return without a line feed");
      cell += text_[at_];
    }
    return cell;
  }

  std::string read_quoted() {
    std::string cell;
    const auto begun = line_;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\n') ++line_;
      if (text_[at_] != '"') {
        cell += text_[at_];
        continue;
      }
      ++at_;
      if (at_ < text_.size() && text_[at_] == '"') {
        cell += '"';
        continue;
      }
      if (!is_end() && text_[at_] != ',') return fail("something after a closing quote");
      return cell;
    }
    line_ = begun;
    return fail("a quote that is not closed");
  }

  std::string fail(std::string_view what) {
    file_.flaw = "Line " + std::to_string(line_) + " has " + std::string(what) + ".";
    return {};
  }

  std::string_view text_;
  std::size_t most_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  csv_file file_;
};

} // namespace

csv_file read_csv(std::string_view text, std::size_t most_records) {
  return reading(text, most_records).run();
}

bool is_formula(std::string_view cell) {
  return !cell.empty() && std::string_view("=+-@\t\r").find(cell.front()) != std::string_view::npos;
}

} // namespace tessera::http
