"""Retention: schedules taken in and adopted, records assigned to series, what is past its time, and why not."""
