#pragma once

#include "http/json/writer.hpp"
#include "messages/transactions.hpp"

#include <string>

namespace tessera::http {

/// A transaction as a JSON object (shapes.md).
void write_transaction(json::writer& out, const transaction& t);

/// The same as a line of CSV (RFC 4180), and the line that names the columns. A cell that a spreadsheet would
/// take for a formula begins with an apostrophe.
void append_csv_header(std::string& out);
void append_csv_line(std::string& out, const transaction& t);

} // namespace tessera::http
