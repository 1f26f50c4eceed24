using Npgsql;
using Sessions.SystemTests.Harness;
using Sessions.SystemTests.Traffic;

namespace Sessions.SystemTests.Audit;

/// <summary>How the sessions of some visitors ended, by the journal and by their rows.</summary>
public static class Ends
{
    /// <summary><see cref="EndFaults"/> of the sessions of some visitors.</summary>
    public static async Task<IReadOnlyList<string>> Faults(NpgsqlDataSource database, Writers writers, TimeSpan idleTimeout) =>
        EndFaults.Of(await Entries(database, writers), idleTimeout);

    /// <summary>Waits until every session of the visitors has ended, as all do that nobody touches.</summary>
    public static Task AllCome(NpgsqlDataSource database, IReadOnlyCollection<Guid> sessions, TimeSpan bound) =>
        Wait.ForNothingWrong(
            async () =>
            {
                await using NpgsqlCommand select = database.CreateCommand(
                    "select session_id, end_timestamp from tracking.sessions where session_id = any($1) and status = 'live'");
                select.Parameters.AddWithValue(sessions.ToArray());
                await using NpgsqlDataReader rows = await select.ExecuteReaderAsync();
                List<string> live = [];
                while (await rows.ReadAsync())
                {
                    live.Add($"session {rows.GetGuid(0)} is live, its last event is of {rows.GetDateTime(1):O}");
                }

                return live;
            },
            "sessions that should have ended:",
            bound);

    /// <summary>The sessions that the visitors have.</summary>
    public static async Task<IReadOnlyCollection<Guid>> SessionsOf(NpgsqlDataSource database, Writers writers) =>
        [.. (await Entries(database, writers)).Select(entry => entry.Session).Distinct()];

    private static async Task<List<StoredEntry>> Entries(NpgsqlDataSource database, Writers writers)
    {
        await using NpgsqlCommand select = database.CreateCommand(
            """
            select session_id, number, kind, event, time, received_at
            from   tracking.journal
            where  session_id in (
                select session_id from tracking.journal where received_at >= $1 and starts_with(distinct_id, $2))
            """);
        select.Parameters.AddWithValue(writers.Begun.AddMinutes(-1));
        select.Parameters.AddWithValue(writers.Run);
        await using NpgsqlDataReader rows = await select.ExecuteReaderAsync();
        List<StoredEntry> entries = [];
        while (await rows.ReadAsync())
        {
            entries.Add(new StoredEntry(
                rows.GetGuid(0), rows.GetInt32(1), rows.GetInt16(2), rows.GetString(3), rows.GetDateTime(4), rows.GetDateTime(5)));
        }

        return entries;
    }
}
