#pragma once

#include "messages/account_tokens.hpp"
#include "messages/notifications.hpp"
#include "persistence/pg/connection.hpp"

#include <chrono>
#include <optional>
#include <string>

/// Tokens that prove an address. Throws pg::error when the database fails.
namespace tessera::persistence {

/// A token that is about to be sent.
struct new_account_token {
  uuid id;
  tenant_id tenant;
  std::string user;
  account_token_purpose purpose = account_token_purpose::password_reset;
  digest sha256;
  std::chrono::seconds life{};
};

/// Who has the address, if exactly one active user of the tenants that count does. As the writer.
struct address_holder {
  tenant_id tenant;
  std::string user;
};
std::optional<address_holder>
holder_of_address(pg::transaction& in, const std::string& email_key, const std::string& tenant);

/// False: the user has had as many lately as anybody gets, or is gone. As the writer.
bool keep_token(pg::transaction& in, const new_account_token& token, int most_an_hour);

/// An event without a tenant: nobody has looked yet whose address it is.
void tell_forgotten(pg::transaction& in, const std::string& email_key, const std::string& tenant);

// These find out whose it is. Without a good token nothing is changed.
account_token_found find_token(pg::transaction& in, const account_token_query& query);
/// Uses it up; every session of the user ends, and access tokens with them.
password_was_reset reset_password(pg::transaction& in, const tessera::reset_password& command);
email_verified verify_email(pg::transaction& in, const tessera::verify_email& command);

} // namespace tessera::persistence
