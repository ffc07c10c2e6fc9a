#include "persistence/stores/invitation_job_store.hpp"

#include <map>

namespace tessera::persistence {

namespace {

using type = pg::parameters::type;

pg::parameters one_job(const tenant_id& tenant, const std::string& id) {
  pg::parameters values;
  values.add(tenant).add(id);
  return values;
}

#define TESSERA_JOB                                                                                          \
  "SELECT job_id, mode, dry_run, state, creator_kind, created_by, application, created_at, finished_at,"     \
  " resumes_at FROM invitation_jobs WHERE tenant_id = $1 AND job_id = $2"

std::optional<invitation_job> job_at(const pg::rows& rows) {
  if (rows.empty()) return std::nullopt;
  invitation_job job;
  job.id = rows.text(0, 0);
  job.mode = static_cast<job_mode>(rows.int2(0, 1));
  job.dry_run = rows.boolean(0, 2);
  job.state = static_cast<job_state>(rows.int2(0, 3));
  job.by = {static_cast<principal_kind>(rows.int2(0, 4)), rows.text(0, 5), rows.text(0, 6)};
  job.created_at = rows.time(0, 7);
  job.finished_at = rows.optional_time(0, 8);
  job.resumes_at = rows.optional_time(0, 9);
  return job;
}

void insert_rows(pg::transaction& in, const tenant_id& tenant, const submit_invitations& job) {
  const auto& rows = job.rows;
  auto values = one_job(tenant, job.id);
  const auto texts = [&](auto project) {
    values.add_array(type::text, rows, [&](const job_row& row) -> std::string_view { return project(row); });
  };
  const auto numbers = [&](auto project) {
    values.add_array(type::int8, rows, [&](const job_row& row) -> std::int64_t { return project(row); });
  };
  texts([](const auto& row) -> std::string_view { return row.email; });
  texts([](const auto& row) -> std::string_view { return row.wanted.email_key; });
  texts([](const auto& row) -> std::string_view { return row.wanted.phone; });
  texts([](const auto& row) -> std::string_view { return row.wanted.first_name; });
  texts([](const auto& row) -> std::string_view { return row.wanted.last_name; });
  numbers([](const auto& row) { return static_cast<std::int64_t>(row.wanted.grants.role); });
  texts([](const auto& row) -> std::string_view { return row.wanted.locale; });
  texts([](const auto& row) -> std::string_view { return row.wanted.message; });
  numbers([](const auto& row) { return row.wanted.expiry_hours; });
  numbers([](const auto& row) { return std::int64_t{row.wanted.sends}; });
  numbers([](const auto& row) { return static_cast<std::int64_t>(row.wanted.on_conflict); });
  values.add_array(type::uuid, rows, [](const job_row& row) {
    return row.wanted.starter ? std::optional(row.wanted.starter->from) : std::nullopt;
  });
  values.add_array(type::uuid, rows, [](const job_row& row) {
    return row.wanted.starter ? std::optional(row.wanted.starter->to) : std::nullopt;
  });
  values.add_array(type::int8, rows, [](const job_row& row) {
    return row.wanted.starter ? std::optional(row.wanted.starter->amount.value()) : std::nullopt;
  });
  numbers([](const auto& row) { return std::int64_t{row.refused.status}; });
  texts([](const auto& row) -> std::string_view { return row.refused.code; });
  texts([](const auto& row) -> std::string_view { return row.refused.title; });
  texts([](const auto& row) -> std::string_view { return row.refused.detail; });
  texts([](const auto& row) -> std::string_view { return row.refused.errors; });
  in.execute(
      "INSERT INTO invitation_job_rows (tenant_id, job_id, number, state, email, email_key, phone, "
      "first_name,"
      " last_name, role, locale, message, expiry_hours, sends, on_conflict, starter_from, starter_to,"
      " starter_credits, status, code, title, detail, errors)"
      " SELECT $1, $2, x.n, CASE WHEN x.status > 0 THEN 3 ELSE 1 END, x.email, x.email_key, x.phone, x.first,"
      " x.last, x.role, x.locale, x.message, x.hours, x.sends = 1, x.conflict, x.source, x.target, x.credits,"
      " x.status, x.code, x.title, x.detail, x.errors"
      " FROM unnest($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)"
      " WITH ORDINALITY AS x (email, email_key, phone, first, last, role, locale, message, hours, sends,"
      " conflict, source, target, credits, status, code, title, detail, errors, n)",
      values
  );
}

/// Assignments or applications of all rows that wait.
template <class Item> struct item_of_row {
  std::int64_t number;
  std::int64_t position;
  const Item* item;
};
template <class Item, class List>
std::vector<item_of_row<Item>> items_of(const submit_invitations& job, List list) {
  std::vector<item_of_row<Item>> all;
  for (std::size_t row = 0; row < job.rows.size(); ++row) {
    if (job.rows[row].refused.status > 0) continue;
    const auto& items = list(job.rows[row].wanted.grants);
    for (std::size_t i = 0; i < items.size(); ++i)
      all.push_back({static_cast<std::int64_t>(row) + 1, static_cast<std::int64_t>(i) + 1, &items[i]});
  }
  return all;
}

template <class Item> pg::parameters
places_of(const tenant_id& tenant, const std::string& id, const std::vector<item_of_row<Item>>& items) {
  auto values = one_job(tenant, id);
  values.add_array(type::int8, items, [](const auto& each) { return each.number; });
  values.add_array(type::int8, items, [](const auto& each) { return each.position; });
  return values;
}

void insert_grants(pg::transaction& in, const tenant_id& tenant, const submit_invitations& job) {
  const auto assignments = items_of<assignment>(
      job, [](const invitation_grant& g) -> const auto& { return g.assignments; }
  );
  auto places = places_of(tenant, job.id, assignments);
  places.add_array(type::uuid, assignments, [](const auto& each) { return each.item->account; });
  places.add_array(type::int2, assignments, [](const auto& each) {
    return static_cast<std::int16_t>(each.item->role);
  });
  in.execute(
      "INSERT INTO invitation_job_assignments (tenant_id, job_id, number, position, account_id, entity_role)"
      " SELECT $1, $2, x.* FROM unnest($3, $4, $5, $6) AS x",
      places
  );
  const auto applications = items_of<std::string>(
      job, [](const invitation_grant& g) -> const auto& { return g.applications; }
  );
  auto names = places_of(tenant, job.id, applications);
  names.add_array(type::text, applications, [](const auto& each) -> std::string_view { return *each.item; });
  in.execute(
      "INSERT INTO invitation_job_applications (tenant_id, job_id, number, position, application_id)"
      " SELECT $1, $2, x.* FROM unnest($3, $4, $5) AS x",
      names
  );
}

void read_grants(
    pg::transaction& in, const tenant_id& tenant, const std::string& id, std::vector<waiting_row>& rows
) {
  std::map<std::int64_t, create_invitation*> by_number;
  for (auto& row : rows)
    by_number.emplace(row.number, &row.wanted);
  const auto wanted = [&] {
    auto values = one_job(tenant, id);
    values.add_array(type::int8, rows, [](const waiting_row& row) { return row.number; });
    return values;
  };
  const auto assignments = in.execute(
      "SELECT a.number, a.account_id, e.entity_type, e.entity_id, a.entity_role"
      " FROM invitation_job_assignments a JOIN entities e USING (account_id)"
      " WHERE a.tenant_id = $1 AND a.job_id = $2 AND a.number = ANY ($3) ORDER BY a.number, a.position",
      wanted()
  );
  for (int i = 0; i < assignments.size(); ++i)
    by_number.at(assignments.int8(i, 0))
        ->grants.assignments.push_back(
            {assignments.id<account_id>(i, 1),
             {static_cast<entity_type>(assignments.int2(i, 2)), assignments.text(i, 3)},
             static_cast<entity_role>(assignments.int2(i, 4))}
        );
  const auto applications = in.execute(
      "SELECT number, application_id FROM invitation_job_applications"
      " WHERE tenant_id = $1 AND job_id = $2 AND number = ANY ($3) ORDER BY number, position",
      wanted()
  );
  for (int i = 0; i < applications.size(); ++i)
    by_number.at(applications.int8(i, 0))->grants.applications.push_back(applications.text(i, 1));
}

} // namespace

void insert_job(pg::transaction& in, const tenant_id& tenant, const submit_invitations& job) {
  in.execute(
      "INSERT INTO invitation_jobs (tenant_id, job_id, mode, dry_run, creator_kind, created_by, application,"
      " request_id, network, browser) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
      one_job(tenant, job.id)
          .add(static_cast<std::int16_t>(job.mode))
          .add(job.dry_run)
          .add(static_cast<std::int16_t>(job.origin.by.by.kind))
          .add(job.origin.by.by.id)
          .add(job.origin.by.by.application)
          .add(job.origin.by.request_id)
          .add(job.origin.from.network)
          .add(job.origin.from.browser)
  );
  insert_rows(in, tenant, job);
  insert_grants(in, tenant, job);
}

std::optional<invitation_job> hold_job(pg::transaction& in, const tenant_id& tenant, const std::string& id) {
  return job_at(in.execute(TESSERA_JOB " FOR UPDATE", one_job(tenant, id)));
}

std::optional<invitation_job> claim_job(pg::transaction& in, const tenant_id& tenant, const std::string& id) {
  return job_at(in.execute(TESSERA_JOB " FOR UPDATE SKIP LOCKED", one_job(tenant, id)));
}

std::optional<invitation_job> find_job(pg::transaction& in, const tenant_id& tenant, const std::string& id) {
  return job_at(in.execute(TESSERA_JOB, one_job(tenant, id)));
}

void count_job_rows(pg::transaction& in, const tenant_id& tenant, invitation_job& job) {
  const auto rows = in.execute(
      "SELECT state, count(*) FROM invitation_job_rows WHERE tenant_id = $1 AND job_id = $2 GROUP BY state",
      one_job(tenant, job.id)
  );
  for (int i = 0; i < rows.size(); ++i)
    job.rows[rows.int2(i, 0)] = rows.int8(i, 1);
}

invitation_job_page job_page(
    pg::transaction& in, const tenant_id& tenant, invitation_job job, const invitation_job_query& query
) {
  std::optional<std::int16_t> only;
  if (query.only) only = static_cast<std::int16_t>(*query.only);
  count_job_rows(in, tenant, job);
  const auto rows = in.execute(
      "SELECT number, email, state, coalesce(invitation_id, ''), status, code, title, detail, errors"
      " FROM invitation_job_rows WHERE tenant_id = $1 AND job_id = $2 AND number > $3"
      " AND ($4 IS NULL OR state = $4) ORDER BY number LIMIT $5",
      one_job(tenant, job.id).add(query.after).add(only).add(std::int64_t{query.limit} + 1)
  );
  invitation_job_page page;
  page.job = std::move(job);
  page.more = rows.size() > query.limit;
  for (int i = 0; i < rows.size() && i < query.limit; ++i) {
    job_refusal why{rows.int2(i, 4), rows.text(i, 5), rows.text(i, 6), rows.text(i, 7), rows.text(i, 8)};
    page.rows.push_back(
        {rows.int8(i, 0),
         rows.text(i, 1),
         static_cast<job_row_state>(rows.int2(i, 2)),
         rows.text(i, 3),
         std::move(why)}
    );
  }
  return page;
}

void write_job_state(pg::transaction& in, const tenant_id& tenant, const std::string& id, job_state state) {
  in.execute(
      "UPDATE invitation_jobs SET state = $3, resumes_at = NULL,"
      " finished_at = CASE WHEN $3 >= 3 THEN clock_timestamp() END WHERE tenant_id = $1 AND job_id = $2",
      one_job(tenant, id).add(static_cast<std::int16_t>(state))
  );
}

void write_job_pause(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& id,
    const std::optional<time_point>& resumes_at
) {
  in.execute(
      "UPDATE invitation_jobs SET resumes_at = $3, worked_at = clock_timestamp()"
      " WHERE tenant_id = $1 AND job_id = $2",
      one_job(tenant, id).add(resumes_at)
  );
}

std::vector<waiting_row>
waiting_rows(pg::transaction& in, const tenant_id& tenant, const std::string& id, std::int64_t most) {
  const auto rows = in.execute(
      "SELECT r.number, r.email, r.email_key, r.phone, r.first_name, r.last_name, r.role, r.locale, "
      "r.message,"
      " r.expiry_hours, r.sends, r.on_conflict, r.starter_credits, r.starter_from, f.entity_type, "
      "f.entity_id,"
      " r.starter_to, t.entity_type, t.entity_id, r.reservation, j.creator_kind, j.created_by, j.application,"
      " j.request_id, j.network, j.browser"
      " FROM invitation_job_rows r JOIN invitation_jobs j USING (tenant_id, job_id)"
      " LEFT JOIN entities f ON f.account_id = r.starter_from"
      " LEFT JOIN entities t ON t.account_id = r.starter_to"
      " WHERE r.tenant_id = $1 AND r.job_id = $2 AND r.state = 1 ORDER BY r.number LIMIT $3",
      one_job(tenant, id).add(most)
  );
  std::vector<waiting_row> found;
  for (int i = 0; i < rows.size(); ++i) {
    waiting_row row;
    row.number = rows.int8(i, 0);
    auto& wanted = row.wanted;
    wanted.tenant = tenant;
    wanted.email = rows.text(i, 1);
    wanted.email_key = rows.text(i, 2);
    wanted.phone = rows.text(i, 3);
    wanted.first_name = rows.text(i, 4);
    wanted.last_name = rows.text(i, 5);
    wanted.grants.role = static_cast<user_role>(rows.int2(i, 6));
    wanted.locale = rows.text(i, 7);
    wanted.message = rows.text(i, 8);
    wanted.expiry_hours = rows.int8(i, 9);
    wanted.sends = rows.boolean(i, 10);
    wanted.on_conflict = static_cast<conflict_choice>(rows.int2(i, 11));
    if (const auto amount = rows.optional_int8(i, 12)) {
      const entity_ref from{static_cast<entity_type>(rows.int2(i, 14)), rows.text(i, 15)};
      const entity_ref to{static_cast<entity_type>(rows.int2(i, 17)), rows.text(i, 18)};
      wanted.starter =
          starter_credits{rows.id<account_id>(i, 13), from, rows.id<account_id>(i, 16), to, credits{*amount}};
    }
    if (const auto kept = rows.optional_uuid(i, 19)) wanted.reservation = inbox_id{*kept};
    wanted.origin.by = {
        {static_cast<principal_kind>(rows.int2(i, 20)), rows.text(i, 21), rows.text(i, 22)},
        rows.text(i, 23)};
    wanted.origin.from = {rows.text(i, 24), rows.text(i, 25)};
    found.push_back(std::move(row));
  }
  read_grants(in, tenant, id, found);
  return found;
}

void write_row_outcome(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& id,
    std::int64_t number,
    const row_outcome& outcome
) {
  const auto& why = outcome.refused;
  in.execute(
      "UPDATE invitation_job_rows SET state = $4, invitation_id = nullif($5, ''), status = $6, code = $7,"
      " title = $8, detail = $9, errors = $10 WHERE tenant_id = $1 AND job_id = $2 AND number = $3",
      one_job(tenant, id)
          .add(number)
          .add(static_cast<std::int16_t>(outcome.state))
          .add(outcome.invitation)
          .add(static_cast<std::int16_t>(why.status))
          .add(why.code)
          .add(why.title)
          .add(why.detail)
          .add(why.errors)
  );
}

void write_row_reservation(
    pg::transaction& in,
    const tenant_id& tenant,
    const std::string& id,
    std::int64_t number,
    const std::optional<inbox_id>& reservation
) {
  in.execute(
      "UPDATE invitation_job_rows SET reservation = $4 WHERE tenant_id = $1 AND job_id = $2 AND number = $3",
      one_job(tenant, id).add(number).add(reservation)
  );
}

void skip_job_rows(pg::transaction& in, const tenant_id& tenant, const std::string& id) {
  in.execute(
      "UPDATE invitation_job_rows SET state = 5 WHERE tenant_id = $1 AND job_id = $2 AND state = 1",
      one_job(tenant, id)
  );
}

std::vector<std::pair<tenant_id, std::string>>
jobs_to_work_on(pg::connection& session, std::int64_t most, std::chrono::milliseconds limit) {
  const auto rows = session.execute(
      "SELECT tenant_id, job_id FROM invitation_jobs WHERE state = 1"
      " AND (resumes_at IS NULL OR resumes_at <= clock_timestamp()) ORDER BY worked_at LIMIT $1",
      pg::parameters().add(most),
      limit
  );
  std::vector<std::pair<tenant_id, std::string>> found;
  for (int i = 0; i < rows.size(); ++i)
    found.emplace_back(rows.id<tenant_id>(i, 0), rows.text(i, 1));
  return found;
}

} // namespace tessera::persistence
