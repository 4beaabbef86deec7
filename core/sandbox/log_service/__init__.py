"""Emulator of Simple Log Service (SLS): its REST API 0.6.0, on disk and in one process.

The real SDK talks to it unchanged, over TLS or through a plain HTTP proxy listener. LogGroups stay
the bytes they were sent as; they live in segment files, one row of them a shard. An emulator that
is killed and started again keeps its ports, access key, projects, Logstores and every LogGroup
that it acknowledged.

Layers, each knowing only those before it: ``wire messages ram group_members sql_result sql_macros``
| ``signature_v4 limits segment index_config search_text`` | ``signature shard_log catalogue
search_query search_words sql_subset`` | ``storage search_condition sql_translation`` |
``put pull search_index`` | ``log_query`` | ``sql_run`` | ``query`` | ``jobs`` (a package; its
``api`` comes after ``service``) | ``service`` | ``resources shard_admin consumer_groups
resource_tags snapshot`` | ``routes`` | ``scenarios denials`` | ``server`` | ``emulator``.

A query goes ``search_text`` (words and marks) -> ``search_query`` (a tree) -> ``search_condition``
(a condition of DuckDB, by what ``index_config`` covers); its SQL part goes ``sql_subset`` (a white
list) -> ``sql_translation`` (Presto's dialect into DuckDB's) -> a view over the found rows.
"""
