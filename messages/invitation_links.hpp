#pragma once

#include "messages/invitations.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

/// Links that many may use (contract 5; decision 0061): whoever comes by one names an address, and gets an
/// invitation of the ordinary kind there, so that what is given is given to whoever has that address. Of the
/// role `user` only.
namespace tessera {

enum class link_state : std::uint8_t { open, used_up, expired, revoked };
std::string_view to_string(link_state state);

inline constexpr std::int64_t most_link_uses = 1'000;

struct invitation_link {
  std::string id;
  std::string name;
  invitation_grant grants; // of the role `user`
  principal creator;
  std::vector<std::string> domains; // of addresses; empty: those of the tenant
  std::int64_t most_uses = 100;
  std::int64_t uses = 0;           // invitations that are pending or were accepted
  std::int64_t expiry_hours = 168; // of each invitation
  time_point expires_at;
  time_point created_at;
  std::optional<time_point> revoked_at;
  std::string reason; // of the revocation
  link_state state = link_state::open;
  std::int64_t version = 1; // rises when somebody joins by it, and when it is revoked
};

using link_filter = std::function<bool(const invitation_link&)>;

/// Flaws: role_not_grantable. Rejections: those of create_invitation that are about what is given.
struct create_invitation_link {
  tenant_id tenant;
  invitation_link wanted; // without an id
  std::int64_t life_hours = 168;
  std::function<kept_answer(const invitation_link&)> word;
  invitation_origin origin;
  std::optional<idempotency_key> key;
};
/// Those who joined by it and have not accepted are invited no more; who has accepted keeps what they have. A
/// second call finds it revoked. Flaws: link_unknown, not_manageable. Rejections: precondition_failed.
struct revoke_invitation_link {
  tenant_id tenant;
  std::string id;
  seen_versions only_versions;
  link_filter sees;
  std::function<kept_answer(const invitation_link&)> word;
  invitation_origin origin;
  std::optional<idempotency_key> key;
};
/// Newest first. `found` has the links.
struct list_invitation_links {
  tenant_id tenant;
  link_filter sees;
  int limit = 50;
  std::optional<std::string> after;
};
/// `found` has it, or nothing.
struct invitation_link_query {
  tenant_id tenant;
  std::string id;
  link_filter sees;
};
/// What whoever has the link may know. `found` has it. Flaws: link_unknown, link_expired, link_revoked,
/// link_used_up.
struct preview_invitation_link {
  digest token_sha256;
};
/// Invites whoever has that address, on behalf of whoever made the link, if they may still give it: else the
/// link is revoked. Nobody hears whether the person has an account or is invited already. Flaws: those of
/// preview_invitation_link, domain_not_allowed. Rejections: seat_limit_reached.
struct join_by_link {
  digest token_sha256;
  std::string email;
  std::string email_key;
  std::string first_name;
  std::string last_name;
  std::string locale;
  std::string base_url;
  double limits_scale = 1;
  invitation_origin origin;
};

struct personal_data; // messages/privacy.hpp

/// What an errand that reads has found.
struct invitation_findings {
  std::vector<invitation_link> links;
  bool more = false;
  // Of a preview, besides the link:
  std::string organization;
  std::vector<std::string> entity_names;
  std::vector<std::string> application_names;
  std::shared_ptr<const personal_data> person; // of an export
};

} // namespace tessera
