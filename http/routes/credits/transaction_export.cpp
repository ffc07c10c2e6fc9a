#include "http/routes/credits/transaction_export.hpp"

#include "http/routes/credits/transaction_text.hpp"

#include <utility>

namespace tessera::http {

namespace {

class export_stream final : public body_stream, public std::enable_shared_from_this<export_stream> {
public:
  export_stream(gateway& behind, list_transactions query, transaction_page first, export_format format)
      : behind_(behind), query_(std::move(query)), owner_(to_string(query_.of.tenant)),
        page_(std::move(first)), format_(format) {}

  std::string_view owner() const override { return owner_; }

  void next(receiver deliver) override {
    if (page_) return deliver(piece_of(*std::exchange(page_, std::nullopt)));
    behind_.list(query_, [self = shared_from_this(), deliver](const result<transaction_page>& page) {
      deliver(page ? std::optional(self->piece_of(*page)) : std::nullopt);
    });
  }

private:
  piece piece_of(const transaction_page& page) {
    piece made;
    if (format_ == export_format::csv && !std::exchange(begun_, true)) append_csv_header(made.bytes);
    for (const auto& each : page.transactions)
      append(made.bytes, each);
    made.last = !page.next;
    query_.after = page.next;
    query_.newest = page.newest;
    return made;
  }

  void append(std::string& out, const transaction& each) const {
    if (format_ == export_format::csv) return append_csv_line(out, each);
    std::string line;
    json::writer json(line);
    write_transaction(json, each);
    out.append(line).append("\n");
  }

  gateway& behind_;
  list_transactions query_;
  std::string owner_;                    // the tenant: keys are made at will
  std::optional<transaction_page> page_; // fetched and not yet given
  export_format format_;
  bool begun_ = false;
};

} // namespace

response export_of(gateway& behind, list_transactions query, transaction_page first, export_format format) {
  response answer;
  const bool csv = format == export_format::csv;
  answer.content_type = csv ? "text/csv; charset=utf-8" : "application/x-ndjson";
  answer.headers.emplace_back(
      "Content-Disposition",
      std::string("attachment; filename=\"transactions.") + (csv ? "csv" : "ndjson") + "\""
  );
  answer.headers.emplace_back("Vary", "Accept");
  answer.stream = std::make_shared<export_stream>(behind, std::move(query), std::move(first), format);
  return answer;
}

} // namespace tessera::http
