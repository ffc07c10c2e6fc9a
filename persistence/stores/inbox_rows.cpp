#include "persistence/stores/inbox_rows.hpp"

namespace tessera::persistence {

// A row that brings one lot may say it itself; the lots of others stand in credit_inbox_lots. One line per
// lot.
const char* const inbox_sql =
    "SELECT i.inbox_id, i.account_id, i.kind, coalesce(l.credits, i.credits), coalesce(l.lot_id, i.lot_id),"
    " coalesce(l.root_lot_id, i.root_lot_id), coalesce(l.parent_lot_id, i.parent_lot_id),"
    " coalesce(l.lot_kind, i.lot_kind), coalesce(l.priority, i.priority),"
    " coalesce(l.effective_at, i.effective_at), coalesce(l.expires_at, i.expires_at),"
    " coalesce(l.applications, i.applications), coalesce(l.purchase_id, i.purchase_id),"
    " coalesce(l.unit_cost_minor, i.unit_cost_minor), coalesce(l.currency, i.currency),"
    " i.principal_kind, i.principal_id, i.principal_application, i.request_id,"
    " coalesce(l.expiry_date::text, i.expiry_date::text, ''), coalesce(nullif(i.reference, ''), "
    "i.purchase_id),"
    " i.sender_account_id, i.sender_seq, page.number, i.partial, i.roots, i.purpose, i.ttl_us, i.holds,"
    " i.to_account_id, i.carrier_id"
    " FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS page (account, after, number)"
    " CROSS JOIN LATERAL (SELECT * FROM credit_inbox w WHERE w.account_id = page.account"
    "   AND w.inbox_id > page.after AND w.absorbed_seq IS NULL AND w.refused_code IS NULL"
    "   ORDER BY w.inbox_id LIMIT $3) AS i"
    " LEFT JOIN credit_inbox_lots l ON l.inbox_id = i.inbox_id"
    " ORDER BY page.number, i.inbox_id, l.position";

lot inbox_lot_at(const pg::rows& rows, int row) {
  lot l;
  l.amount = l.free = credits{rows.int8(row, 3)};
  l.id = rows.id<lot_id>(row, 4);
  l.root = rows.id<lot_id>(row, 5);
  if (const auto parent = rows.optional_uuid(row, 6)) l.parent = lot_id{*parent};
  l.kind = static_cast<lot_kind>(rows.int2(row, 7));
  l.priority = static_cast<std::uint8_t>(rows.int2(row, 8));
  l.effective_at = rows.optional_time(row, 9).value_or(time_point{});
  l.expires_at = rows.optional_time(row, 10);
  l.applications = rows.texts(row, 11);
  l.purchase_id = rows.text(row, 12);
  l.unit_cost_minor = rows.optional_int8(row, 13);
  l.currency = rows.text(row, 14);
  l.expiry_date = rows.text(row, 19);
  return l;
}

namespace {

/// What every row says.
template <class Command> Command asked_at(const pg::rows& rows, int row) {
  Command command;
  command.id = rows.id<inbox_id>(row, 0);
  command.account = rows.id<account_id>(row, 1);
  command.kind = static_cast<inbox_kind>(rows.int2(row, 2));
  command.requested_by.kind = static_cast<principal_kind>(rows.int2(row, 15));
  command.requested_by.id = rows.text(row, 16);
  command.requested_by.application = rows.text(row, 17);
  command.request_id = rows.text(row, 18);
  command.reference = rows.text(row, 20);
  return command;
}

receive_credits arrival_at(const pg::rows& rows, int row) {
  auto command = asked_at<receive_credits>(rows, row);
  command.lots.push_back(inbox_lot_at(rows, row));
  if (const auto sender = rows.optional_uuid(row, 21))
    command.sender = entry_place{account_id{*sender}, static_cast<std::uint64_t>(rows.int8(row, 22))};
  return command;
}

instruction instruction_at(const pg::rows& rows, int row) {
  auto asked = asked_at<instruction>(rows, row);
  asked.wanted = credits{rows.int8(row, 3)};
  asked.partial = rows.boolean(row, 24);
  for (const auto& root : rows.uuids(row, 25))
    asked.roots.emplace_back(root);
  if (!rows.is_null(row, 26)) asked.purpose = static_cast<hold_purpose>(rows.int2(row, 26));
  asked.ttl = time_point::duration{rows.optional_int8(row, 27).value_or(0)};
  for (const auto hold : rows.int8s(row, 28))
    asked.holds.push_back(static_cast<std::uint64_t>(hold));
  if (const auto to = rows.optional_uuid(row, 29)) asked.to = account_id{*to};
  if (const auto carrier = rows.optional_uuid(row, 30)) asked.carrier = inbox_id{*carrier};
  return asked;
}

} // namespace

inbox_command inbox_command_at(const pg::rows& rows, int row) {
  if (brings_credits(static_cast<inbox_kind>(rows.int2(row, 2)))) return arrival_at(rows, row);
  return instruction_at(rows, row);
}

} // namespace tessera::persistence
