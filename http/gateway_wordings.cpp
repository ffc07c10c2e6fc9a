#include "actors/database/wording_changes.hpp"
#include "http/notification_gateway.hpp"

// What is pure of how a tenant words messages: it needs nobody's answer.
namespace tessera::http {

wording_refusal notification_gateway::refusal_of(const wording_place& place, const wording& said) {
  return tessera::refusal_of(place, said);
}

std::optional<std::vector<std::string>> notification_gateway::variables_of(const wording_place& place) {
  return tessera::variables_of(place);
}

wording notification_gateway::preview_of(
    const wording_place& place,
    const wording& said,
    const std::optional<template_variables>& values,
    const mail_look& look
) {
  return tessera::preview_of(place, said, values, look);
}

} // namespace tessera::http
