using Npgsql;
using NpgsqlTypes;
using Sessions.Database;
using Sessions.Domain.Folding;

namespace Sessions.Silo.Rows;

/// <summary>The columns of <c>tracking.replays</c> in the order in which the statement lists them.</summary>
internal static class ReplayColumns
{
    private static readonly string Upsert = SqlFile.Read("replay_checkpoint.sql");

    /// <summary>
    /// Adds the statement for those sessions that ever had a replay, in the order of their keys. Adds nothing when
    /// there are none.
    /// </summary>
    public static void Add(NpgsqlBatchCommandCollection commands, IEnumerable<SessionSnapshot> snapshots)
    {
        SessionSnapshot[] rows = snapshots
            .Where(snapshot => snapshot.State.ReplayBlockCount > 0)
            .OrderBy(snapshot => snapshot.Key.Project, StringComparer.Ordinal)
            .ThenBy(snapshot => snapshot.Key.SessionId)
            .ToArray();
        if (rows.Length == 0)
        {
            return;
        }

        (ReplayState? Replay, Session View)[] replays = rows
            .Select(row => (row.State.Replay, SessionView.Of(row.Key.SessionId, row.State, row.Rules)))
            .ToArray();
        var command = new NpgsqlBatchCommand(Upsert);
        NpgsqlParameterCollection parameters = command.Parameters;
        parameters.Add(Columns.Text(rows, row => row.Key.Project));
        parameters.Add(Columns.Of(rows, row => row.Key.SessionId, NpgsqlDbType.Uuid));
        parameters.Add(Columns.Of(rows, row => row.State.Number, NpgsqlDbType.Integer));
        parameters.Add(Columns.Of(replays, row => row.Replay?.Start, NpgsqlDbType.TimestampTz));
        parameters.Add(Columns.Of(replays, row => row.Replay?.End, NpgsqlDbType.TimestampTz));
        parameters.Add(Columns.Of(replays, row => row.View.ReplayClickCount, NpgsqlDbType.Integer));
        parameters.Add(Columns.Of(replays, row => row.View.ReplayKeypressCount, NpgsqlDbType.Integer));
        parameters.Add(Columns.Of(replays, row => row.View.ReplayMouseActivityCount, NpgsqlDbType.Integer));
        parameters.Add(Columns.Of(replays, row => row.Replay?.ActiveMs, NpgsqlDbType.Bigint));
        parameters.Add(Columns.Of(replays, row => row.View.ReplayConsoleLogCount, NpgsqlDbType.Integer));
        parameters.Add(Columns.Of(replays, row => row.View.ReplayConsoleWarnCount, NpgsqlDbType.Integer));
        parameters.Add(Columns.Of(replays, row => row.View.ReplayConsoleErrorCount, NpgsqlDbType.Integer));
        parameters.Add(Columns.Of(replays, row => row.Replay?.Events, NpgsqlDbType.Bigint));
        parameters.Add(Columns.Of(replays, row => row.Replay?.Blocks, NpgsqlDbType.Bigint));
        parameters.Add(Columns.Of(replays, row => row.Replay?.Bytes, NpgsqlDbType.Bigint));
        parameters.Add(Columns.Text(replays, row => row.Replay?.FirstUrl?.Value));
        parameters.Add(Columns.Text(replays, row => row.Replay?.Source?.Value));
        parameters.Add(Columns.Text(replays, row => row.Replay?.Library?.Value));
        parameters.Add(Columns.Of(replays, row => row.Replay?.LastWithTargets, NpgsqlDbType.Integer));
        // Sessions whose SDK says both kinds of clicks need no search.
        parameters.Add(Columns.Of(
            rows, row => row.State is { Replay.IsUnsearched: true } and not { RageClickCount: > 0, DeadClickCount: > 0 }, NpgsqlDbType.Boolean));
        commands.Add(command);
    }
}
