#pragma once

#include "messages/directory.hpp"
#include "messages/directory_upsert.hpp"
#include "messages/entities.hpp"
#include "messages/key_management.hpp"
#include "messages/tenants.hpp"
#include "messages/users.hpp"
#include "persistence/stores/directory_store.hpp"

#include <functional>

/// Changes of a tenant's directory, each in a transaction of the tenant that commits when there is no
/// rejection. What each makes and refuses is said where the command is. All of them lock the directory first
/// (decision 0028).
namespace tessera {

/// Makes the account of a new entity.
using account_maker = std::function<persistence::new_account()>;

result<entity_created>
carry_out(pg::transaction& in, const create_entity& command, const persistence::new_account& account);
result<entity_view> carry_out(pg::transaction& in, const edit_entity& command);
result<entity_deleted> carry_out(pg::transaction& in, const delete_entity& command);

result<application_created> carry_out(pg::transaction& in, const create_application& command);
result<application_view> carry_out(pg::transaction& in, const edit_application& command);
result<application_deleted> carry_out(pg::transaction& in, const delete_application& command);

result<directory_upserted>
carry_out(pg::transaction& in, const upsert_directory& command, const account_maker& make_account);

/// `made` brings the id and the key, whose SHA-256 is kept.
result<api_key_created> carry_out(
    pg::transaction& in, const create_api_key& command, const api_key_created& made, const digest& sha256
);
result<api_key_view> carry_out(pg::transaction& in, const edit_api_key& command);
result<api_key_revoked> carry_out(pg::transaction& in, const revoke_api_key& command);

result<user_view> carry_out(pg::transaction& in, const edit_user& command);
result<user_removed> carry_out(pg::transaction& in, const remove_user& command);

/// The rest of a tenant whose first row is there.
result<tenant_created>
carry_out(pg::transaction& in, const create_tenant& command, const persistence::new_account& account);
result<tenant_view> carry_out(pg::transaction& in, const edit_tenant& command);

} // namespace tessera
