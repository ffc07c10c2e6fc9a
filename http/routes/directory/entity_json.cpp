#include "http/routes/directory/entity_json.hpp"

#include "http/routing/versions.hpp"

namespace tessera::http {

void write_entity(json::writer& out, const entity_view& entity) {
  const auto& kind = entity.ref.type == entity_type::location ? locations_kind : organizations_kind;
  out.field(kind.id_name, entity.ref.id).field("name", entity.name).key(kind.up_name);
  entity.parent.type == entity_type::tenant ? out.null() : out.string(entity.parent.id);
  out.key("createdAt").time(to_microseconds(entity.created_at));
}

void write_application(json::writer& out, const application_view& application) {
  out.field("applicationId", application.id).field("name", application.name);
  out.key("createdAt").time(to_microseconds(application.created_at));
}

kept_answer word_entity(const entity_view& entity) {
  kept_answer answer{200, {}, etag_of(entity.version), false};
  json::writer out(answer.body);
  out.begin_object().field("success", true);
  write_entity(out, entity);
  out.end_object();
  return answer;
}

kept_answer word_application(const application_view& application) {
  kept_answer answer{200, {}, etag_of(application.version), false};
  json::writer out(answer.body);
  out.begin_object().field("success", true);
  write_application(out, application);
  out.end_object();
  return answer;
}

} // namespace tessera::http
