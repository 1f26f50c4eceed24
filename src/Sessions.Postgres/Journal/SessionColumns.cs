using Npgsql;
using NpgsqlTypes;
using Sessions.Domain;

namespace Sessions.Postgres;

/// <summary>A session's state on its way into its row.</summary>
/// <param name="Key">The session.</param>
/// <param name="Born">The server day of its first row; only an insert uses it.</param>
/// <param name="State">The state.</param>
/// <param name="Rules">The project's rules, by which its properties follow from the state.</param>
internal sealed record SessionSnapshot(SessionKey Key, DateOnly Born, SessionState State, SessionRules Rules);

/// <summary>The columns of <c>tracking.sessions</c> in the order in which the statements list them.</summary>
internal static class SessionColumns
{
    /// <summary>A statement over sessions' rows, in the order of their keys.</summary>
    public static NpgsqlBatchCommand Command(string statement, IEnumerable<SessionSnapshot> snapshots)
    {
        Row[] rows = snapshots
            .Select(snapshot => new Row(snapshot, SessionView.Of(snapshot.Key.SessionId, snapshot.State, snapshot.Rules)))
            .OrderBy(row => row.Key.Project, StringComparer.Ordinal)
            .ThenBy(row => row.Key.SessionId)
            .ToArray();
        var command = new NpgsqlBatchCommand(statement);
        Add(command.Parameters, rows);
        return command;
    }

    private static void Add(NpgsqlParameterCollection parameters, Row[] rows)
    {
        parameters.Add(Columns.Text(rows, row => row.Key.Project));
        parameters.Add(Columns.Of(rows, row => row.Key.SessionId, NpgsqlDbType.Uuid));
        parameters.Add(Columns.Text(rows, row => row.State.Owner));
        parameters.Add(Columns.Of(rows, row => row.Snapshot.Born, NpgsqlDbType.Date));
        parameters.Add(Columns.Of(rows, row => row.State.Number, NpgsqlDbType.Integer));
        parameters.Add(Columns.Of(rows, _ => SessionFold.FoldVersion, NpgsqlDbType.Smallint));
        parameters.Add(Columns.Of(rows, row => FoldCodec.Write(row.State), NpgsqlDbType.Bytea));
        parameters.Add(Columns.Text(rows, row => row.State.Status.ToWord()));
        parameters.Add(Columns.Text(rows, row => row.State.EndReason?.ToWord()));
        parameters.Add(Columns.Of(rows, row => row.State.Start, NpgsqlDbType.TimestampTz));
        parameters.Add(Columns.Of(rows, row => row.State.End, NpgsqlDbType.TimestampTz));
        parameters.Add(Columns.Text(rows, row => row.View.DistinctId));
        parameters.Add(Columns.Text(rows, row => row.View.DeviceId));
        parameters.Add(Columns.Text(rows, row => row.View.EntryCurrentUrl));
        parameters.Add(Columns.Text(rows, row => row.View.EntryPathname));
        parameters.Add(Columns.Text(rows, row => row.View.EntryHostname));
        parameters.Add(Columns.Text(rows, row => row.View.ExitCurrentUrl));
        parameters.Add(Columns.Text(rows, row => row.View.ExitPathname));
        parameters.Add(Columns.Text(rows, row => row.View.ExitHostname));
        parameters.Add(Columns.Text(rows, row => row.View.EntryUtmSource));
        parameters.Add(Columns.Text(rows, row => row.View.EntryUtmCampaign));
        parameters.Add(Columns.Text(rows, row => row.View.EntryUtmMedium));
        parameters.Add(Columns.Text(rows, row => row.View.EntryUtmTerm));
        parameters.Add(Columns.Text(rows, row => row.View.EntryUtmContent));
        parameters.Add(Columns.Text(rows, row => row.View.EntryReferringDomain));
        foreach (string adId in AdIds.Names)
        {
            parameters.Add(Columns.Text(rows, row => row.View.EntryAdIds.GetValueOrDefault(adId)));
        }

        parameters.Add(Columns.Of(rows, row => row.View.PageviewCount, NpgsqlDbType.Integer));
        parameters.Add(Columns.Of(rows, row => row.View.AutocaptureCount, NpgsqlDbType.Integer));
        parameters.Add(Columns.Of(rows, row => row.View.ScreenCount, NpgsqlDbType.Integer));
        parameters.Add(Columns.Of(rows, row => row.View.EventCount, NpgsqlDbType.Integer));
        parameters.Add(Columns.Of(rows, row => row.View.UniqueUrlCount, NpgsqlDbType.Integer));
        parameters.Add(Columns.Text(rows, row => row.View.ChannelType));
        parameters.Add(Columns.Of(rows, row => row.View.IsBounce, NpgsqlDbType.Boolean));
        parameters.Add(Columns.Text(rows, row => row.View.LastExternalClickUrl));
        parameters.Add(Columns.Text(rows, row => row.View.DeviceType));
        parameters.Add(Columns.Text(rows, row => row.View.Browser));
        parameters.Add(Columns.Text(rows, row => row.View.Os));
        parameters.Add(Columns.Text(rows, row => row.View.Country));
        parameters.Add(Columns.Text(rows, row => row.View.EntryScreenName));
        parameters.Add(Columns.Text(rows, row => row.View.ExitScreenName));
    }

    private sealed record Row(SessionSnapshot Snapshot, Session View)
    {
        public SessionKey Key => Snapshot.Key;

        public SessionState State => Snapshot.State;
    }
}
