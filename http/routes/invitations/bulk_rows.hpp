#pragma once

#include "http/auth/caller.hpp"
#include "http/auth/idempotency.hpp"
#include "http/routing/problem.hpp"
#include "messages/invitation_jobs.hpp"

#include <optional>
#include <string_view>
#include <vector>

/// The rows of a bulk call: an array of bodies, or a CSV file.
namespace tessera::http {

/// Reads and judges each row as a call of its own would be; what is wrong with one is its refusal. A problem:
/// there are no rows to speak of. `print` gets all that makes two files the same.
std::optional<problem> read_rows(
    const caller& who,
    std::string_view body,
    bool is_csv,
    job_mode mode,
    fingerprint& print,
    std::vector<job_row>& into
);

/// A refusal as it is kept with its row.
job_refusal refusal_of(const problem& why);

} // namespace tessera::http
