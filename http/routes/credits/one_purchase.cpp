// GET /api/credits/purchases/:id and GET /api/credits/purchases/:id/invoice
#include "http/auth/body_tag.hpp"
#include "http/payments_gateway.hpp"
#include "http/routes/credits/credits.hpp"
#include "http/routes/credits/ledger_fields.hpp"
#include "http/routes/credits/purchase_fields.hpp"
#include "http/routes/credits/receipt_page.hpp"
#include "http/routes/credits/receipt_pdf.hpp"
#include "http/routing/accept.hpp"
#include "http/routing/query.hpp"
#include "http/routing/rejections.hpp"

namespace tessera::http {

namespace {

response render(const purchase_view& purchase, std::string_view base_url) {
  response answer;
  json::writer out(answer.body);
  out.begin_object().field("success", true);
  write_purchase(out, purchase, base_url);
  out.end_object();
  answer.headers.emplace_back("ETag", tag_of_body(answer.body));
  return answer;
}

/// The page brings one style of its own; everything else stays forbidden.
response page_of(const purchase_view& purchase) {
  response answer;
  answer.body = receipt_page(purchase);
  answer.content_type = "text/html; charset=utf-8";
  answer.headers.emplace_back(
      "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
  );
  return answer;
}

/// Finds the purchase that the path names and answers with `show`; one outside of the caller's reach looks
/// like none.
template <class Show> caller_handler with_purchase(service& with, Show show) {
  return [&with, show](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    query_reader query(request.query);
    if (const auto wrong = query.refusal()) return refuse(*wrong);
    const auto id = request.parameters.front();
    if (!is_valid_id(id)) return refuse(problem_of(errc::purchase_unknown));
    with.behind.find(
        find_purchase{who.tenant->tenant, std::string(id), readable_parts(who)},
        [respond, refuse, show](const result<purchase_view>& found) {
          found ? respond(show(*found)) : refuse(problem_of(found.why()));
        }
    );
  };
}

} // namespace

caller_handler one_purchase(service& with) {
  return with_purchase(with, [&with](const purchase_view& p) { return render(p, with.public_base_url); });
}

namespace {

/// Made beside the loop: a font is read for it.
void answer_pdf(service& with, const request& request, const responder& respond, find_purchase which) {
  const auto name = which.purchase_id + ".pdf";
  payments_gateway(with.behind)
      .find(
          document_of_purchase{std::move(which), [](const purchase_view& p) { return receipt_pdf(p); }},
          [&request, respond, name](result<purchase_document> made) {
            if (!made) return respond(to_response(problem_of(made.why()), request));
            if (made->bytes.empty()) return respond(to_response(problem_of(errc::internal), request));
            response answer;
            answer.body = std::move(made->bytes);
            answer.content_type = "application/pdf";
            answer.headers.emplace_back("Content-Disposition", "inline; filename=\"" + name + "\"");
            respond(std::move(answer));
          }
      );
}

/// `format` says it, or else Accept.
bool wants_pdf(const request& request, query_reader& query) {
  if (const auto format = query.choice("format", {"html", "pdf"})) return *format == 1;
  return preferred_type(request.header("Accept").value_or(""), {"text/html", "application/pdf"}) == 1;
}

} // namespace

caller_handler invoice(service& with) {
  return [&with](request& request, responder respond, caller who) {
    const auto refuse = [&request, respond](const problem& why) { respond(to_response(why, request)); };
    if (const auto missing = find_application(request, who)) return refuse(*missing);
    query_reader query(request.query);
    const bool as_pdf = wants_pdf(request, query);
    if (const auto wrong = query.refusal()) return refuse(*wrong);
    const auto id = request.parameters.front();
    if (!is_valid_id(id)) return refuse(problem_of(errc::purchase_unknown));
    find_purchase which{who.tenant->tenant, std::string(id), readable_parts(who)};
    if (as_pdf) return answer_pdf(with, request, respond, std::move(which));
    with.behind.find(std::move(which), [respond, refuse](const result<purchase_view>& found) {
      found ? respond(page_of(*found)) : refuse(problem_of(found.why()));
    });
  };
}

} // namespace tessera::http
