#pragma once

#include "messages/instructions.hpp"
#include "persistence/pg/rows.hpp"

/// Rows of inboxes as messages: the query and the order of its columns.
namespace tessera::persistence {

/// $1 accounts and $2 the rows after which their pages begin, $3 rows in a page: inbox rows not yet absorbed,
/// oldest first, page by page.
extern const char* const inbox_sql;

/// The command of a line of the inbox, with the lot of that line if it brings any: further lots follow in
/// further lines.
inbox_command inbox_command_at(const pg::rows& rows, int row);
lot inbox_lot_at(const pg::rows& rows, int row);

} // namespace tessera::persistence
