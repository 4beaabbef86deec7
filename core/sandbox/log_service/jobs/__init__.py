"""The jobs of Log Service: the Kafka import and the data transformation, which really run.

Each knows only those before it: ``job reading stores run`` (a job and its states; the words of a
refusal; how a job reads and writes Logstores; an execution in a thread) | ``job_book`` (all jobs,
on disk), ``json_fields log_times`` | ``kafka_source transformation`` (what a configuration says) |
``kafka_logs`` (a message becomes logs) | ``kafka_run transformation_run`` | ``runner`` (makes,
starts and stops them) | ``forms`` (the two wire forms) | ``api`` (the operations of both).
"""
