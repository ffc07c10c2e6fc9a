#include "http/routes/invitations/bulk_csv.hpp"

#include "http/json/writer.hpp"
#include "http/routes/invitations/invitation_fields.hpp"
#include "http/routing/csv.hpp"
#include "http/routing/rejections.hpp"
#include "messages/invitation_jobs.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <utility>

namespace tessera::http {

namespace {

enum class kind { text, free_text, number, truth, assignments, names, starter };
struct column {
  std::string_view name;
  kind what;
};
constexpr std::array columns{
    column{"email", kind::text},
    column{"phone", kind::text},
    column{"firstName", kind::free_text},
    column{"lastName", kind::free_text},
    column{"role", kind::text},
    column{"entityAssignments", kind::assignments},
    column{"applicationAccess", kind::names},
    column{"sendNotification", kind::truth},
    column{"expiryHours", kind::number},
    column{"message", kind::free_text},
    column{"locale", kind::text},
    column{"onConflict", kind::text},
    column{"starterFrom", kind::starter},
    column{"starterTo", kind::starter},
    column{"starterCredits", kind::starter}};

const column* column_named(std::string_view name) {
  const auto found = std::ranges::find(columns, name, &column::name);
  return found == columns.end() ? nullptr : &*found;
}

std::vector<std::string_view> parts_of(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t from = 0; from <= text.size();) {
    const auto end = std::min(text.find(separator, from), text.size());
    parts.push_back(text.substr(from, end - from));
    from = end + 1;
  }
  return parts;
}

/// `location/loc-1`: what is missing is empty, and refused by whoever reads the body.
std::pair<std::string_view, std::string_view> entity_in(std::string_view text) {
  const auto slash = std::min(text.find('/'), text.size());
  return {text.substr(0, slash), slash < text.size() ? text.substr(slash + 1) : std::string_view()};
}

void write_assignments(json::writer& out, std::string_view cell) {
  out.begin_array();
  for (const auto part : parts_of(cell, ';')) {
    const auto colon = std::min(part.rfind(':'), part.size());
    const auto [type, id] = entity_in(part.substr(0, colon));
    out.begin_object().field("entityType", type).field("entityId", id);
    out.field("role", colon < part.size() ? part.substr(colon + 1) : "viewer").end_object();
  }
  out.end_array();
}

void write_names(json::writer& out, std::string_view cell) {
  out.begin_array();
  for (const auto part : parts_of(cell, ';'))
    out.string(part);
  out.end_array();
}

bool is_whole_number(std::string_view cell) {
  return !cell.empty() && cell.size() <= 18 && (cell.front() != '0' || cell.size() == 1) &&
         std::ranges::all_of(cell, [](char c) { return c >= '0' && c <= '9'; });
}

/// A number where it is one; else a text, which is a wrong type and told as such.
void write_number(json::writer& out, std::string_view cell) {
  is_whole_number(cell) ? out.raw(cell) : out.string(cell);
}

problem wrong_cell(std::string_view code, std::string_view name, std::string detail) {
  return field_problem(code, "/" + std::string(name), std::move(detail));
}

/// One record.
class making {
public:
  making(const std::vector<const column*>& header, const csv_file::record& record)
      : header_(header), record_(record) {}

  csv_body run() {
    for (std::size_t i = 0; i < header_.size() && i < record_.cells.size(); ++i)
      if (header_[i]->name == "email") made_.email = record_.cells[i];
    if (record_.cells.size() != header_.size()) {
      made_.refused = field_problem(
          "wrong_column_count",
          "",
          "Line " + std::to_string(record_.line) + " has " + std::to_string(record_.cells.size()) +
              " cells; the first one has " + std::to_string(header_.size()) + "."
      );
      return std::move(made_);
    }
    json::writer out(made_.body);
    out.begin_object();
    for (std::size_t i = 0; i < header_.size(); ++i)
      if (!record_.cells[i].empty()) write(out, *header_[i], record_.cells[i]);
    write_starter(out);
    out.end_object();
    return std::move(made_);
  }

private:
  void write(json::writer& out, const column& at, std::string_view cell) {
    switch (at.what) {
    case kind::free_text:
      if (is_formula(cell))
        made_.refused = wrong_cell("formula_cell", at.name, "A spreadsheet would take it for a formula.");
      out.field(at.name, cell);
      break;
    case kind::text: out.field(at.name, cell); break;
    case kind::number: write_number(out.key(at.name), cell); break;
    case kind::truth:
      out.key(at.name);
      cell == "true" || cell == "false" ? out.raw(cell) : out.string(cell);
      break;
    case kind::assignments: write_assignments(out.key(at.name), cell); break;
    case kind::names: write_names(out.key(at.name), cell); break;
    case kind::starter: starter_.emplace_back(at.name, cell); break;
    }
  }

  void write_starter(json::writer& out) {
    if (starter_.empty()) return;
    out.key("starterCredits").begin_object();
    for (const auto& [name, cell] : starter_) {
      if (name == "starterCredits") {
        write_number(out.key("credits"), cell);
        continue;
      }
      const auto [type, id] = entity_in(cell);
      const bool is_from = name == "starterFrom";
      out.field(is_from ? "fromEntityType" : "toEntityType", type);
      out.field(is_from ? "fromEntityId" : "toEntityId", id);
    }
    out.end_object();
  }

  const std::vector<const column*>& header_;
  const csv_file::record& record_;
  csv_body made_;
  std::vector<std::pair<std::string_view, std::string_view>> starter_;
};

std::optional<problem> read_header(const csv_file::record& record, std::vector<const column*>& into) {
  for (const auto& name : record.cells) {
    const auto* known = column_named(name);
    if (!known) return wrong_cell("unknown_column", name, "There is no such column.");
    if (std::ranges::find(into, known) != into.end())
      return wrong_cell("duplicate_column", name, "It stands there twice.");
    into.push_back(known);
  }
  if (std::ranges::find(into, column_named("email")) == into.end())
    return wrong_cell("required", "email", "The first line names the columns; one of them is email.");
  return std::nullopt;
}

} // namespace

std::optional<problem> read_csv_bodies(std::string_view text, std::vector<csv_body>& into) {
  if (!simdjson::validate_utf8(text.data(), text.size()))
    return simple_problem(400, "malformed_csv", "The file can't be read", "It is not UTF-8.");
  const auto file = read_csv(text, most_job_rows + 1);
  if (!file.flaw.empty()) return simple_problem(400, "malformed_csv", "The file can't be read", file.flaw);
  std::vector<const column*> header;
  if (file.records.empty())
    return wrong_cell("required", "email", "The first line names the columns; one of them is email.");
  if (auto wrong = read_header(file.records.front(), header)) return wrong;
  for (std::size_t i = 1; i < file.records.size(); ++i)
    into.push_back(making(header, file.records[i]).run());
  return std::nullopt;
}

} // namespace tessera::http
