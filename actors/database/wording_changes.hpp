#pragma once

#include "messages/message_wordings.hpp"
#include "messages/types/result.hpp"
#include "persistence/pg/connection.hpp"

#include <optional>
#include <string>
#include <vector>

/// How a tenant words messages: the rules of actors/domain/message_templates.hpp, asked of rows.
namespace tessera {

template_list templates_of(pg::transaction& in, const list_templates& query);
result<worded_template> find_template(pg::transaction& in, const template_query& query);
result<template_list> versions_of(pg::transaction& in, const template_versions_query& query);
result<worded_template> carry_out(pg::transaction& in, const word_template& command);
result<test_message> carry_out(pg::transaction& in, const test_template& command);

// Pure.
/// Nothing is wrong with what is said of a message that there is not: whoever stores it is told.
wording_refusal refusal_of(const wording_place& place, const wording& said);
/// The variables that the message has; nothing: there is no such message.
std::optional<std::vector<std::string>> variables_of(const wording_place& place);
/// What a recipient would see. Without `values` what somebody who means no good would put in.
wording preview_of(
    const wording_place& place,
    const wording& said,
    const std::optional<template_variables>& values,
    const mail_look& look
);

} // namespace tessera
