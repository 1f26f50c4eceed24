using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Database;
using Sessions.Database.Connections;
using Sessions.Database.Persons;
using Sessions.Domain;
using Sessions.Domain.Persons;

namespace Sessions.Silo.PersonData;

/// <summary>
/// The deleted persons whose older events the silo refuses, and the projects that are being deleted or are archived. A copy of the
/// tables in memory, refreshed every second, and at once when the journal finds that the copy is outdated.
/// </summary>
/// <remarks>
/// The host waits for the first read. Without it, the journal's first transactions would fail because the copy is
/// outdated.
/// </remarks>
internal sealed partial class ForgottenPersons(
    NpgsqlDataSource database,
    IOptions<PersonOptions> options,
    TimeProvider clock,
    ILogger<ForgottenPersons> log,
    IStoreHistory? history = null)
    : PeriodicWork(options.Value.Every, clock, FirstStep.BeforeTheHostGoesOn), IForgottenPersons
{
    private static readonly string Since = SqlFile.Read("forgotten_since.sql");

    // Nearly all events of one call belong to one person, so the last person's mark is kept.
    [ThreadStatic]
    private static (ForgottenPersons By, string Project, string DistinctId, UInt128 Mark) s_last;

    private static readonly string ProjectsSince = SqlFile.Read("projects_since.sql");

    private readonly SemaphoreSlim _turn = new(1);
    private volatile ConcurrentDictionary<string, ConcurrentDictionary<UInt128, DateTimeOffset>> _projects = new();
    private volatile FrozenSet<string> _leaving = FrozenSet<string>.Empty;
    private volatile FrozenSet<string> _archived = FrozenSet<string>.Empty;
    private volatile ConcurrentDictionary<string, long> _madeIn = new();
    private byte[] _key = [];
    private long _generation = -1;
    private long _readsBegun;
    private long _lastRead;
    private StoreHistory? _read;

    public long Generation => Volatile.Read(ref _generation);

    public bool Covers(string project, string distinctId, DateTimeOffset time) =>
        _projects.TryGetValue(project, out ConcurrentDictionary<UInt128, DateTimeOffset>? forgotten)
        && !forgotten.IsEmpty
        && forgotten.TryGetValue(MarkOf(project, distinctId), out DateTimeOffset until)
        && time <= until;

    public bool IsLeaving(string project) => _leaving.Contains(project);

    public bool IsArchived(string project) => _archived.Contains(project);

    public long MadeIn(string project) => _madeIn.GetValueOrDefault(project, long.MinValue);

    public async Task Refresh()
    {
        long begunBefore = Volatile.Read(ref _readsBegun);
        await _turn.WaitAsync();
        try
        {
            // A read that began after the call, and succeeded, answers this call too.
            if (_lastRead <= begunBefore)
            {
                Volatile.Write(ref _readsBegun, _readsBegun + 1);
                await Read();
                _lastRead = _readsBegun;
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    public override void Dispose()
    {
        _turn.Dispose();
        base.Dispose();
    }

    protected override async Task Step(CancellationToken stopping)
    {
        await Refresh();
        Prune();
    }

    private async Task Read()
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync();
        StoreHistory? now = history?.Current;
        // Another server may lack deletions, so the whole list is read again.
        bool isAnew = now != _read;
        long generation = isAnew ? -1 : _generation;
        ConcurrentDictionary<string, ConcurrentDictionary<UInt128, DateTimeOffset>> projects = isAnew ? new() : _projects;
        await using NpgsqlCommand command = new(Since, connection)
        {
            Parameters = { new NpgsqlParameter<long> { TypedValue = generation } },
        };
        await using (NpgsqlDataReader reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                generation = reader.GetInt64(0);
                _key = reader.GetFieldValue<byte[]>(1);
                if (!reader.IsDBNull(2))
                {
                    projects.GetOrAdd(reader.GetString(2), static _ => new())[Mark(reader.GetFieldValue<byte[]>(3))] =
                        reader.GetFieldValue<DateTimeOffset>(4);
                }
            }
        }

        // After the generation, so that it is at least as new.
        await ReadProjects(connection, isAnew);
        foreach (string left in _leaving)
        {
            projects.TryRemove(left, out _);
        }

        (_projects, _read) = (projects, now);
        // Must be the last write: a reader that sees the new generation also finds its persons.
        Volatile.Write(ref _generation, generation);
    }

    private async Task ReadProjects(NpgsqlConnection connection, bool isAnew)
    {
        HashSet<string> leaving = [], archived = [];
        ConcurrentDictionary<string, long> madeIn = isAnew ? new() : _madeIn;
        await using NpgsqlCommand command = new(ProjectsSince, connection)
        {
            Parameters = { new NpgsqlParameter<long> { TypedValue = isAnew ? -1 : _generation } },
        };
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            string project = reader.GetString(0);
            if (reader.GetBoolean(1))
            {
                leaving.Add(project);
            }

            if (reader.GetBoolean(3))
            {
                archived.Add(project);
            }

            if (reader.GetInt64(2) is > 0 and long generation)
            {
                madeIn[project] = generation;
            }
        }

        _madeIn = madeIn;
        if (!_leaving.SetEquals(leaving))
        {
            _leaving = leaving.ToFrozenSet();
        }

        if (!_archived.SetEquals(archived))
        {
            _archived = archived.ToFrozenSet();
        }
    }

    private void Prune()
    {
        DateTimeOffset kept = Time.GetUtcNow() - options.Value.RefuseFor;
        foreach ((string project, ConcurrentDictionary<UInt128, DateTimeOffset> forgotten) in _projects)
        {
            foreach ((UInt128 mark, DateTimeOffset until) in forgotten)
            {
                if (until < kept)
                {
                    forgotten.TryRemove(new KeyValuePair<UInt128, DateTimeOffset>(mark, until));
                }
            }
        }
    }

    private UInt128 MarkOf(string project, string distinctId)
    {
        if (s_last.DistinctId != distinctId || s_last.Project != project || s_last.By != this)
        {
            s_last = (this, project, distinctId, Mark(PersonMark.Of(_key, project, distinctId)));
        }

        return s_last.Mark;
    }

    // Half of the mark (128 bits) is enough to tell all persons apart.
    private static UInt128 Mark(byte[] mark) => MemoryMarshal.Read<UInt128>(mark);

    [LoggerMessage(1120, LogLevel.Warning, "The list of deleted persons can't be read now ({Reason}). The silo tries again at its next turn, and the journal "
        + "refuses events of deleted persons meanwhile. Check that Postgres runs.")]
    protected override partial void LogFailing(string reason, Exception? fault);

    [LoggerMessage(1121, LogLevel.Information, "The list of deleted persons is read again.")]
    protected override partial void LogWorking();
}
