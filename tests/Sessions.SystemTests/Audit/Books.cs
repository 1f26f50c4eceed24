using System.Globalization;
using System.Text.Json;
using Npgsql;
using Sessions.SystemTests.Harness;
using Sessions.SystemTests.Traffic;

namespace Sessions.SystemTests.Audit;

/// <summary>Compares what the database has with what the writers know and with what its own events add up to.</summary>
public static class Books
{
    private static readonly string[] RecordingMoves = ["start_timestamp", "end_timestamp", "session_duration", "is_bounce"];

    // Rows may be 10 s behind their grain; the rest is for a busy machine.
    private static readonly TimeSpan RowsBehind = TimeSpan.FromSeconds(30);

    /// <summary>Every acknowledged event once, nothing that was not sent, every session the sum of its events.</summary>
    public static Task AreRight(NpgsqlDataSource reader, Writers writers) =>
        Wait.ForNothingWrong(
            async () =>
            {
                StoredEvent[] stored = [.. (await EventsOf(reader)).Where(e => writers.Sent.ContainsKey(e.EventId))];
                return [.. Missing(stored, writers), .. Twice(stored), .. Misplaced(stored, writers), .. await WrongSums(reader, stored)];
            },
            "the books are not right:",
            RowsBehind);

    /// <summary>The rows of these sessions are what their events add up to.</summary>
    public static Task AddUp(NpgsqlDataSource reader, params string[] sessions) =>
        Wait.ForNothingWrong(
            async () =>
            {
                HashSet<Guid> wanted = [.. sessions.Select(Guid.Parse)];
                StoredEvent[] stored = [.. (await EventsOf(reader)).Where(e => wanted.Contains(e.SessionId))];
                IEnumerable<string> absent = wanted.Except(stored.Select(e => e.SessionId)).Select(id => $"{id} has no event");
                return [.. absent, .. await WrongSums(reader, stored)];
            },
            "the sessions are not what their events add up to:",
            RowsBehind);

    /// <summary>All that the reader sees of the view <c>events</c>.</summary>
    public static async Task<IReadOnlyList<StoredEvent>> EventsOf(NpgsqlDataSource reader)
    {
        await using NpgsqlCommand select = reader.CreateCommand(
            "select session_id, event_id, event, timestamp, distinct_id, properties::text from events");
        await using NpgsqlDataReader rows = await select.ExecuteReaderAsync();
        List<StoredEvent> events = [];
        while (await rows.ReadAsync())
        {
            events.Add(new StoredEvent(
                rows.GetGuid(0),
                rows.GetGuid(1),
                rows.GetString(2),
                rows.GetDateTime(3),
                rows.GetString(4),
                JsonElement.Parse(rows.GetString(5))));
        }

        return events;
    }

    /// <summary>The rows of the view <c>sessions</c> by session, each by column.</summary>
    public static async Task<IReadOnlyDictionary<Guid, IReadOnlyDictionary<string, object?>>> SessionsOf(NpgsqlDataSource reader)
    {
        await using NpgsqlCommand select = reader.CreateCommand("select * from sessions");
        await using NpgsqlDataReader rows = await select.ExecuteReaderAsync();
        Dictionary<Guid, IReadOnlyDictionary<string, object?>> sessions = [];
        while (await rows.ReadAsync())
        {
            var row = Enumerable.Range(0, rows.FieldCount).ToDictionary(rows.GetName, at => rows.IsDBNull(at) ? null : rows.GetValue(at));
            sessions.Add((Guid)row["session_id"]!, row);
        }

        return sessions;
    }

    private static IEnumerable<string> Missing(StoredEvent[] stored, Writers writers) =>
        writers.Acknowledged.Keys.Except(stored.Select(e => e.EventId)).Select(id => $"acknowledged and lost: {writers.Sent[id]}");

    private static IEnumerable<string> Twice(StoredEvent[] stored) =>
        stored.GroupBy(e => e.EventId)
            .Where(group => group.Count() > 1)
            .Select(group => $"{group.Key} is there {group.Count()} times, in {string.Join(" and ", group.Select(e => e.SessionId))}");

    /// <summary>An event is in the session it names; a device's events without one follow close, so they are in one.</summary>
    private static IEnumerable<string> Misplaced(StoredEvent[] stored, Writers writers)
    {
        foreach (StoredEvent e in stored)
        {
            SentEvent made = writers.Sent[e.EventId];
            if (made.SessionId is { } named && Guid.Parse(named) != e.SessionId)
            {
                yield return $"{made} is in session {e.SessionId}";
            }

            if (made.Timestamp.UtcDateTime != e.Timestamp)
            {
                yield return $"{made} is stored at {e.Timestamp:O}";
            }
        }

        foreach (var device in stored.Where(e => writers.Sent[e.EventId].SessionId is null).GroupBy(e => e.DistinctId))
        {
            if (device.Select(e => e.SessionId).Distinct().Count() is var sessions and > 1)
            {
                yield return $"the server gave {device.Key} {sessions} sessions for events that follow close";
            }
        }
    }

    private static async Task<IEnumerable<string>> WrongSums(NpgsqlDataSource reader, StoredEvent[] stored)
    {
        var rows = await SessionsOf(reader);
        return stored.GroupBy(e => e.SessionId).SelectMany(group => rows.TryGetValue(group.Key, out var row)
            ? Differences(group.Key, row, Recount.Of(group))
            : [$"session {group.Key} has {group.Count()} events and no row"]);
    }

    private static IEnumerable<string> Differences(
        Guid session,
        IReadOnlyDictionary<string, object?> row,
        IReadOnlyDictionary<string, object?> counted)
    {
        foreach ((string column, object? expected) in counted)
        {
            // A recording is activity too, and no event: it may begin before the first and end after the last.
            if (row["has_replay"] is true && RecordingMoves.Contains(column))
            {
                continue;
            }

            object? actual = row.TryGetValue(column, out object? value) ? value : "no such column";
            if (Comparable(expected) != Comparable(actual))
            {
                yield return $"session {session}: {column} is {Comparable(actual)}, its events say {Comparable(expected)}";
            }
        }
    }

    private static string Comparable(object? value) => value switch
    {
        null => "null",
        DateTime time => time.ToUniversalTime().ToString("O"),
        decimal number => number.ToString("0.000", CultureInfo.InvariantCulture),
        IFormattable plain => plain.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };
}
