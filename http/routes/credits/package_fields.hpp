#pragma once

#include "http/auth/idempotency.hpp"
#include "http/json/reader.hpp"
#include "http/json/writer.hpp"
#include "messages/purchases.hpp"

/// A package in JSON: what routes that read and that change packages share.
namespace tessera::http {

/// The fields of a body that say what a package is; those that are absent stay absent.
package_terms read_terms(json::object& fields);

/// Everything that the terms say, for a fingerprint.
void add_terms(fingerprint& print, const package_terms& terms);

/// The members of the package into the open object.
void write_package(json::writer& out, const credit_package& package);

/// A single package: `{success, …}` with its ETag.
kept_answer word_package(const credit_package& package, std::int16_t status);

/// As problem_of, with the pointer to the price when that is what is wrong.
problem package_problem(const rejection& why);

} // namespace tessera::http
