using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sessions.Domain;

namespace Sessions.Database.Connections;

/// <summary>
/// Looks at each new connection and finds out whether it leads to the same server and timeline as the earlier ones.
/// After a failover to an asynchronous standby the new server lacks some commits that the old one had confirmed. So
/// when a connection leads to another server, all older connections are closed and the <see cref="StoreHistory"/>
/// ends: sessions and devices read their states again before they answer.
/// </summary>
/// <remarks>
/// A restart of the same server counts too. It costs some reads, and makes a promotion that this class can't recognise
/// by the timeline impossible: of two standbys, each may begin the timeline with the same number.
/// </remarks>
public sealed partial class HistoryWatch(ILogger<HistoryWatch> log) : IStoreHistory
{
    private static readonly string Now = SqlFile.Read("history_now.sql");
    private static readonly string Server = SqlFile.Read("history_server.sql");

    private readonly Lock _gate = new();
    private readonly List<Action> _clears = [];
    private readonly List<PoolOverHosts> _overHosts = [];
    private readonly Outage _behind = new();
    private Place? _known;
    private StoreHistory _current = new();
    private bool _isMute;

    /// <inheritdoc/>
    public StoreHistory Current => Volatile.Read(ref _current);

    /// <summary>The pools over several hosts.</summary>
    internal IReadOnlyList<PoolOverHosts> OverHosts
    {
        get
        {
            lock (_gate)
            {
                return [.. _overHosts];
            }
        }
    }

    /// <summary>Adds a pool whose connections are closed when another history begins.</summary>
    /// <param name="clear">Closes them. A connection that is in use is closed when it is returned.</param>
    public void Follow(Action clear)
    {
        lock (_gate)
        {
            _clears.Add(clear);
        }
    }

    /// <summary>Adds a pool over several hosts.</summary>
    internal void Follow(PoolOverHosts pool)
    {
        lock (_gate)
        {
            _clears.Add(pool.Clear);
            _overHosts.Add(pool);
        }
    }

    /// <summary>Looks at a connection that was just opened.</summary>
    /// <exception cref="NpgsqlException">The server is a standby, or behind a server that was seen before.</exception>
    internal void Look(NpgsqlConnection connection)
    {
        Place place;
        try
        {
            using NpgsqlCommand command = new(_isMute ? Server : Now, connection);
            using NpgsqlDataReader reader = command.ExecuteReader();
            reader.Read();
            place = PlaceOf(reader);
        }
        catch (PostgresException refused) when (IsMuteFrom(refused))
        {
            using NpgsqlCommand command = new(Server, connection);
            using NpgsqlDataReader reader = command.ExecuteReader();
            reader.Read();
            place = PlaceOf(reader);
        }

        Judge(place);
    }

    /// <inheritdoc cref="Look"/>
    internal async Task LookAsync(NpgsqlConnection connection)
    {
        Place place;
        try
        {
            place = await Ask(connection, _isMute ? Server : Now);
        }
        catch (PostgresException refused) when (IsMuteFrom(refused))
        {
            place = await Ask(connection, Server);
        }

        Judge(place);
    }

    private static async Task<Place> Ask(NpgsqlConnection connection, string sql)
    {
        await using NpgsqlCommand command = new(sql, connection);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return PlaceOf(reader);
    }

    private static Place PlaceOf(NpgsqlDataReader reader) => reader.IsDBNull(1)
        ? throw new NpgsqlException("The server is a standby, which can't be written. The connection string must name the primary too.")
        : new Place(reader.GetInt64(0), reader.GetInt64(1), reader.GetDateTime(2));

    /// <summary>Whether the server refuses to tell its timeline, as some managed ones do. From then on it is not asked.</summary>
    private bool IsMuteFrom(PostgresException refused)
    {
        // 42: no right, or no such function. 0A and 55: not on this kind of server.
        bool isMute = !_isMute && refused.SqlState[..2] is "42" or "0A" or "55";
        if (isMute)
        {
            _isMute = true;
            LogMute(refused.MessageText);
        }

        return isMute;
    }

    private void Judge(Place place)
    {
        lock (_gate)
        {
            if (_known is not { } known)
            {
                _known = place;
                return;
            }

            if (place == known)
            {
                return;
            }

            if (place.System == known.System && place.Timeline < known.Timeline)
            {
                if (_behind.Begin())
                {
                    LogBehind(place.Timeline, known.Timeline);
                }

                throw new NpgsqlException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"The server is on timeline {place.Timeline}, and the database has gone on to timeline {known.Timeline} on another server."));
            }

            // Closed before the history ends: what is read for the next history is read from the new server.
            _clears.ForEach(clear => clear());
            _known = place;
            _behind.End();
            _current.End();
            Volatile.Write(ref _current, new StoreHistory());
            LogMoved(known.Timeline, place.Timeline);
        }
    }

    [LoggerMessage(7030, LogLevel.Information, "Postgres is another server than before, or was restarted (timeline {Before}, now {Now}). "
        + "Sessions and devices in memory are read again before they answer.")]
    private partial void LogMoved(long before, long now);

    [LoggerMessage(7031, LogLevel.Error, "A Postgres server on timeline {Found} takes connections, but the database has gone on to timeline {Known} on another "
        + "server. Nothing is written to the older one. Stop it, or make it a standby of the new primary. If it is a backup that "
        + "you restored on purpose, start silos and gateways again.")]
    private partial void LogBehind(long found, long known);

    [LoggerMessage(7032, LogLevel.Warning, "Postgres does not tell its timeline ({Reason}). A failover is noticed by the server's start time alone, and a former primary "
        + "that comes back is not refused. Allow the program's role to call pg_control_system and pg_walfile_name.")]
    private partial void LogMute(string reason);

    /// <summary>Where a connection leads.</summary>
    /// <param name="System">The identifier that a server shares with its standbys; 0 when it is not told.</param>
    /// <param name="Timeline">Each promotion raises it; 0 when it is not told.</param>
    /// <param name="Started">When the server was started.</param>
    private sealed record Place(long System, long Timeline, DateTime Started);
}
