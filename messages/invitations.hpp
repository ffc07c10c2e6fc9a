#pragma once

#include "messages/changes.hpp"
#include "messages/idempotency.hpp"
#include "messages/send_limits.hpp"
#include "messages/starter_credits.hpp"
#include "messages/types/digest.hpp"
#include "messages/users.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// Invitations (contract 5, R-I 3): what is asked of them, and what is answered. Who may is decided in
/// actors/domain/invitation_authority, what may follow what in actors/domain/invitation.
namespace tessera {

/// Accepted, declined and cancelled are final.
enum class invitation_status : std::uint8_t {
  pending = 1,
  expired = 2, // may be sent again
  accepted = 3,
  declined = 4,
  cancelled = 5,
  pending_approval = 6, // nobody was sent anything yet
};
inline constexpr std::size_t invitation_status_count = 7;
std::string_view to_string(invitation_status status);
std::optional<invitation_status> parse_invitation_status(std::string_view text);

/// By which way a token reached the invitee: it proves that they have this address, and no more (R-I 3.2).
enum class invitation_channel : std::uint8_t { email = 1, sms = 2, direct_link = 3 };
std::string_view to_string(invitation_channel channel);

/// What the invitee gets.
struct invitation_grant {
  user_role role = user_role::user;
  std::vector<assignment> assignments; // in the order of the inviter
  std::vector<std::string> applications;

  friend bool operator==(const invitation_grant&, const invitation_grant&) = default;
};

struct invitation_view {
  std::string id;
  std::string email; // as it was given
  std::string phone; // E.164; empty: none
  std::string first_name;
  std::string last_name;
  invitation_grant grants;
  invitation_status status = invitation_status::pending; // effective: as it is at this instant
  std::string reason;                                    // of a cancellation or refusal
  principal inviter;
  std::string locale;  // empty: none said
  std::string message; // of the inviter
  bool sends = true;   // false: nobody is sent anything
  std::string email_delivery;
  std::string sms_delivery;
  time_point expires_at;
  time_point created_at;
  std::optional<time_point> accepted_at;
  std::optional<time_point> first_viewed_at;
  std::optional<time_point> last_sent_at;
  std::optional<time_point> failed_at;
  std::int64_t resends = 0;
  std::int64_t expiry_hours = 168;
  std::optional<starter_credits_view> starter;
  std::int64_t generation = 1;      // of its tokens
  std::int64_t grant_version = 1;   // rises when what it gives changes
  std::int64_t version = 1;         // rises with every change
  std::string accepted_by;          // the user
  std::string approved_by;          // empty: nobody has; `operator`
  std::int64_t approved_grants = 0; // the grant_version that was approved
  std::optional<time_point> access_revoked_at;
  std::optional<time_point> erased_at; // it does not say any more whom it was for
  std::string link;                    // by which it came about (messages/invitation_links.hpp); empty: none
};

/// Where a call comes from, as far as it is kept.
struct visitor {
  std::string network; // the first 24 bits of an IPv4 address, 48 of IPv6
  std::string browser; // coarse: `Firefox on Linux`
};

struct invitation_origin {
  change_origin by;
  visitor from;
};

/// Why not. What the rules of invitations say; the others are rejections (errc).
enum class invitation_flaw : std::uint8_t {
  unknown,            // 404
  role_not_grantable, // 403
  not_the_recipient,  // 403: signed in as somebody else
  email_not_verified, // 403: signed in, and nobody knows whether the address is theirs
  not_manageable,     // 403: may be seen, not changed
  own_approval,       // 403: four eyes are two people
  sign_in_required,   // 401: there is an account already
  already_pending,    // 409
  already_member,     // 409
  not_pending,        // 409
  not_accepted,       // 409: there is no access yet that could be revoked
  not_waiting,        // 409: for no approval
  already_accepted,   // 409
  authority_lost,     // 409: whoever invited may not any more
  changed,            // 409: it grants something else by now
  declined,           // 410, as are the next
  cancelled,
  expired,
  superseded,   // a newer message was sent
  link_unknown, // 404
  link_expired, // 410, as are the next
  link_revoked,
  link_used_up,
  self_invitation,        // 422
  domain_not_allowed,     // 422
  password_not_taken,     // 422: there is an account already
  terms_not_accepted,     // 422
  too_soon,               // 429
  too_many_resends,       // 429
  too_many_for_recipient, // 429
  too_many_of_inviter,    // 429
  too_many_of_tenant,     // 429
  too_many_pending,       // 409
};

struct invitation_refusal {
  invitation_flaw flaw = invitation_flaw::unknown;
  std::string detail;
  std::string invitation; // the one in the way, where the caller may know it
  std::int64_t retry_after_seconds = 0;

  friend bool operator==(const invitation_refusal&, const invitation_refusal&) = default;
};

struct invitation_findings; // messages/invitation_links.hpp

/// What a change comes to. A refusal is an answer, too: what it left behind (an activity, an expiry that
/// nobody had noticed) is committed with it.
struct invitation_answer {
  std::optional<invitation_refusal> refused;
  kept_answer told;
  std::vector<account_id> nudge; // accounts that have something in their inbox now, one after the other
  std::optional<reservation_asked> reservation;     // nothing has happened but this
  std::optional<starter_shortage> shortage;         // nothing has happened
  std::vector<limit_use> limits;                    // of who sends
  std::shared_ptr<const invitation_findings> found; // of an errand that reads
};

/// The version of the terms that are in force.
inline constexpr std::string_view terms_version = "1";

/// What somebody who invites is told. Its token is derived when it is sent.
struct invitation_made {
  std::string id;
  std::int64_t generation = 1;
  time_point expires_at;
  std::string base_url;
  bool shows_token = true; // by the tenant's policy
  invitation_status status = invitation_status::pending;
};
/// What whoever accepts has from now on by this invitation.
struct invitation_accepted {
  std::string user;
  std::string email;
  invitation_grant grants;
  user_role role = user_role::user; // that of the user
  bool email_verified = false;
  std::int64_t other_pending = 0;
};

enum class conflict_choice : std::uint8_t { refuse, resend, replace };

/// Whether the caller may see it.
using invitation_filter = std::function<bool(const invitation_view&)>;

/// Rejections of all: overloaded and the other failures; entity_unknown, application_unknown,
/// entity_out_of_scope, application_forbidden, invalid_assignments, insufficient_role, seat_limit_reached,
/// approval_required (not at create: there somebody else is asked, but of starter credits),
/// idempotency_key_reused; and where there are starter credits insufficient_credits, entity_frozen,
/// lots_expire_before_invitation, too_many_holds.
struct create_invitation {
  tenant_id tenant;
  std::string email;
  std::string email_key;
  std::string phone;
  std::string first_name;
  std::string last_name;
  invitation_grant grants;
  std::string locale;
  std::string message;
  std::int64_t expiry_hours = 168;
  bool sends = true;
  bool reminds = false; // at half of its life, and a day before its end
  conflict_choice on_conflict = conflict_choice::refuse;
  std::optional<starter_credits> starter;
  std::optional<inbox_id> reservation; // what an earlier answer has asked for; likewise below
  std::string link; // it is asked for by this one: who the person is decides nothing that is told
  double limits_scale = 1;
  std::string base_url; // of its link, where the tenant has none of its own
  invitation_filter sees;
  std::function<kept_answer(const invitation_made&)> word;
  invitation_origin origin;
  std::optional<idempotency_key> key;
};

/// What is absent stays.
struct edit_invitation {
  tenant_id tenant;
  std::string id;
  std::optional<std::string> first_name;
  std::optional<std::string> last_name;
  std::optional<invitation_grant> grants;                                  // as they will be
  std::function<invitation_grant(const invitation_grant& before)> regrant; // or made of those that are there
  std::optional<std::int64_t> expiry_hours;
  std::optional<time_point> expires_at;
  std::optional<inbox_id> reservation;
  seen_versions only_versions;
  invitation_filter sees;
  std::function<kept_answer(const invitation_view&)> word;
  invitation_origin origin;
  std::optional<idempotency_key> key;
};

struct cancel_invitation {
  tenant_id tenant;
  std::string id;
  std::string reason;
  seen_versions only_versions;
  invitation_filter sees;
  std::function<kept_answer(const invitation_view&)> word;
  invitation_origin origin;
  std::optional<idempotency_key> key;
};

struct resend_invitation {
  tenant_id tenant;
  std::string id;
  std::optional<std::int64_t> expiry_hours; // nothing: as many as before
  std::optional<inbox_id> reservation;
  std::string base_url;
  double limits_scale = 1;
  invitation_filter sees;
  std::function<kept_answer(const invitation_made&)> word;
  invitation_origin origin;
  std::optional<idempotency_key> key;
};

/// How an invitation is found by whoever got it: by a token, or by one who is signed in.
struct invitation_finding {
  std::optional<digest> token_sha256;
  tenant_id tenant; // of who is signed in
  std::string id;   // without a token
  std::string user; // who is signed in; empty: nobody
};

struct accept_invitation {
  invitation_finding which;
  std::string user_id; // of a new user
  std::string password_hash;
  bool has_password = false;
  bool accepts_terms = false;
  std::optional<std::string> terms_version;
  std::string timezone;
  std::string language;
  std::optional<std::int64_t> grant_version;
  std::function<kept_answer(const invitation_accepted&)> word;
  invitation_origin origin;
  std::optional<idempotency_key> key;
};

struct decline_invitation {
  invitation_finding which;
  std::string reason;
  std::function<kept_answer(const invitation_view&)> word;
  invitation_origin origin;
};

/// What happens to invitations seldom: messages/invitation_errands.hpp.
struct invitation_errand;
struct invitation_job_call; // messages/invitation_jobs.hpp

/// Answered by result<invitation_answer>.
struct invitation_call {
  std::variant<
      create_invitation,
      edit_invitation,
      cancel_invitation,
      resend_invitation,
      accept_invitation,
      decline_invitation,
      std::shared_ptr<const invitation_errand>,
      std::shared_ptr<const invitation_job_call>>
      what;
};

/// What an invitee may know before accepting. Answered by result<invitation_preview>; the first look is
/// recorded.
struct preview_invitation {
  digest token_sha256;
  bool records = true; // false: it is only read, to judge what was sent with it
  invitation_origin origin;
};
struct invitation_preview {
  std::optional<invitation_refusal> refused;
  bool can_request_new = false;
  tenant_id tenant;
  std::string organization; // its name
  std::string inviter;      // likewise
  std::vector<std::string> entity_names;
  std::vector<std::string> application_names;
  invitation_view invitation;
  invitation_channel channel = invitation_channel::direct_link;
  bool has_account = false;
  std::vector<std::string> known_words; // that make a poor password
};

/// Answered by result<invitation_view>; a view with an empty id: none that the caller may see.
struct invitation_query {
  tenant_id tenant;
  std::string id;
};

/// Newest first, from `after` on, as far as `part` and the applications go.
struct list_invitations {
  tenant_id tenant;
  visible_part part;       // all assignments in it; else those of `inviter` alone
  principal inviter;       // who asks: their own are theirs to see
  std::string application; // visible: those for it, and those for none
  std::optional<invitation_status> status;
  std::optional<std::string> email_key;
  std::optional<user_role> role;
  std::optional<account_id> entity;
  std::optional<std::string> invited_by;
  std::optional<time_point> created_from;
  std::optional<time_point> created_to;
  std::optional<time_point> expiring_before;
  std::optional<std::string> delivery;
  std::optional<std::string> link;
  int limit = 50;
  std::optional<std::string> after;
};
struct invitation_page {
  std::vector<invitation_view> invitations;
  bool more = false;
  std::int64_t counts[invitation_status_count] = {}; // by number, whatever status was asked for
};

/// The invitations of who is signed in, by their verified address.
struct list_own_invitations {
  tenant_id tenant;
  std::string user;
};

struct invitation_activity {
  std::string id;
  std::string type;
  std::string position; // in the order of what happened
  time_point created_at;
  std::string actor_id;
  std::string actor_type; // user, api_key, operator, anonymous, system
  visitor from;
  std::string metadata; // JSON
};
/// Oldest first. Answered by result<activity_page>.
struct list_activities {
  tenant_id tenant;
  std::string invitation;
  int limit = 50;
  std::optional<std::string> after;
};
struct activity_page {
  std::vector<invitation_activity> activities;
  bool more = false;
};

/// Analytics of the invitations that the caller may see, by the filters of a list. Answered by
/// result<invitation_figures>.
struct invitation_figures_query {
  list_invitations of;
};
struct invitation_figures {
  struct part {
    std::string by; // entity, inviter, application, channel
    std::string id;
    std::int64_t created = 0;
    std::int64_t viewed = 0;
    std::int64_t accepted = 0;
  };
  std::int64_t counts[invitation_status_count] = {}; // by number
  std::int64_t created = 0;
  std::int64_t sent = 0;
  std::int64_t viewed = 0;
  std::int64_t expired_unseen = 0;
  std::optional<std::int64_t> mean_seconds; // to accept
  std::optional<std::int64_t> p50_seconds;
  std::optional<std::int64_t> p90_seconds;
  std::vector<std::string> sources; // channels, those by which most were accepted first
  std::vector<part> parts;
};

} // namespace tessera
