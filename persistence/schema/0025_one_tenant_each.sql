-- What belongs to a tenant names what is of the same tenant, whoever writes it
-- (docs/decisions/0028-changing-the-directory.md).

-- The tenant itself is one entity.
CREATE UNIQUE INDEX entities_one_root ON entities (tenant_id) WHERE entity_type = 1;
