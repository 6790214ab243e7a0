"""A draft becomes a published page: what people write is kept from the first word on."""
