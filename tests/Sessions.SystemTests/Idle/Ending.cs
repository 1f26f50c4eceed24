using Npgsql;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Idle;

/// <summary>How the tests see a session end: by its row alone, since a call would wake its grain.</summary>
public static class Ending
{
    /// <summary>The idle timeout of the clusters under test.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    /// <summary>Waits until the session's row says that it ended for want of events.</summary>
    public static async Task OfItself(Cluster cluster, string session, TimeSpan bound)
    {
        string ended = await Wait.For(
            async () => await Read(cluster, session) is { } row && row.StartsWith("ended", StringComparison.Ordinal) ? row : null,
            $"session {session} did not end by itself",
            bound);
        Assert.Equal("ended idle", ended);
    }

    /// <summary>The row's status and reason; null while there is no row, which may be 10 s behind.</summary>
    public static async Task<string?> Read(Cluster cluster, string session)
    {
        await using NpgsqlCommand select = cluster.Reader.CreateCommand(
            "select concat_ws(' ', status, end_reason) from sessions where session_id = $1");
        select.Parameters.AddWithValue(Guid.Parse(session));
        return (string?)await select.ExecuteScalarAsync();
    }
}
