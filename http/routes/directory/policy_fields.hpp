#pragma once

#include "http/routes/directory/tenant_fields.hpp"

namespace tessera::http {

void read_branding(json::object fields, tenant_edit& into);
void read_policies(json::object fields, tenant_edit& into);
void write_branding(json::writer& out, const tenant_branding& branding);
void write_policies(json::writer& out, const policy_settings& policies);

} // namespace tessera::http
