#include "http/routes/invitations/invitation_export.hpp"

#include "http/routing/csv_line.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace tessera::http {

namespace {

constexpr std::string_view export_columns =
    "invitationId,email,phone,firstName,lastName,role,entityAssignments,"
    "applicationAccess,status,emailDelivery,"
    "smsDelivery,expiresAt,createdAt,acceptedAt,invitedBy,message\r\n";

/// `organization:org-1:editor;location:loc-2:viewer`.
std::string assignments_text(const invitation_view& one) {
  std::string text;
  for (const auto& each : one.grants.assignments) {
    if (!text.empty()) text += ';';
    text +=
        std::string(to_string(each.ref.type)) + ":" + each.ref.id + ":" + std::string(to_string(each.role));
  }
  return text;
}

std::string applications_text(const invitation_view& one) {
  std::string text;
  for (const auto& each : one.grants.applications)
    text += (text.empty() ? "" : ";") + each;
  return text;
}

void append(std::string& out, const invitation_view& one) {
  csv_line line(out);
  line.text(one.id).text(one.email).text(one.phone).text(one.first_name).text(one.last_name);
  line.text(to_string(one.grants.role)).text(assignments_text(one)).text(applications_text(one));
  line.text(to_string(one.status)).text(one.email_delivery).text(one.sms_delivery);
  line.text(to_rfc3339(one.expires_at)).text(to_rfc3339(one.created_at));
  line.text(one.accepted_at ? to_rfc3339(*one.accepted_at) : std::string());
  line.text(one.inviter.kind == principal_kind::operator_key ? "operator" : one.inviter.id);
  line.text(one.message).end();
}

class export_stream final : public body_stream, public std::enable_shared_from_this<export_stream> {
public:
  export_stream(gateway& behind, list_invitations query, invitation_page first)
      : behind_(behind), query_(std::move(query)), owner_(to_string(query_.tenant)), page_(std::move(first)) {
  }

  std::string_view owner() const override { return owner_; }

  void next(receiver deliver) override {
    if (page_) return deliver(piece_of(*std::exchange(page_, std::nullopt)));
    behind_.list(query_, [self = shared_from_this(), deliver](const result<invitation_page>& page) {
      deliver(page ? std::optional(self->piece_of(*page)) : std::nullopt);
    });
  }

private:
  piece piece_of(const invitation_page& page) {
    piece made;
    if (!std::exchange(begun_, true)) made.bytes += export_columns;
    for (const auto& each : page.invitations)
      append(made.bytes, each);
    made.last = !page.more;
    if (page.more) query_.after = page.invitations.back().id;
    return made;
  }

  gateway& behind_;
  list_invitations query_;
  std::string owner_;                   // the tenant
  std::optional<invitation_page> page_; // fetched and not yet given
  bool begun_ = false;
};

} // namespace

response export_of(gateway& behind, list_invitations query, invitation_page first) {
  response answer;
  answer.content_type = "text/csv; charset=utf-8";
  answer.headers.emplace_back("Content-Disposition", "attachment; filename=\"invitations.csv\"");
  answer.headers.emplace_back("Vary", "Accept");
  answer.stream = std::make_shared<export_stream>(behind, std::move(query), std::move(first));
  return answer;
}

} // namespace tessera::http
