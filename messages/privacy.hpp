#pragma once

#include "messages/invitation_jobs.hpp"
#include "messages/invitations.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

/// What is known of one person, and that it be forgotten (R-I 3.9; decision 0060).
namespace tessera {

/// How many invitations no longer say whom they were for.
struct person_erased {
  std::int64_t invitations = 0;
  std::string user; // an account with that address, which stays; empty: there is none
};
/// Invitations of that address that are open are cancelled first. What is counted of them stays.
struct erase_person {
  tenant_id tenant;
  std::string email_key;
  std::function<kept_answer(const person_erased&)> word;
  invitation_origin origin;
  std::optional<idempotency_key> key;
};

/// `found` has what is known of whoever has that address.
struct export_person {
  tenant_id tenant;
  std::string email_key;
};
struct known_invitation {
  invitation_view invitation;
  std::vector<invitation_activity> activities;
};
struct known_message {
  std::string kind;
  std::string channel;
  std::string status;
  time_point created_at;
};
struct known_consent {
  std::string terms_version;
  time_point accepted_at;
};
/// What somebody's file says of them.
struct known_job_row {
  std::string job;
  std::int64_t number = 0;
  std::string email;
  std::string phone;
  std::string first_name;
  std::string last_name;
  std::string message;
  job_row_state state = job_row_state::waiting;
  time_point created_at;
};
struct personal_data {
  std::vector<known_invitation> invitations;
  std::optional<user_view> user;
  std::vector<known_message> messages;
  std::vector<known_consent> consents;
  std::vector<known_job_row> job_rows;
};

} // namespace tessera
