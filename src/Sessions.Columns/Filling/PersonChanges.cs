using DuckDB.NET.Data;
using Npgsql;
using Sessions.Columns.Files;
using Sessions.Columns.Schema;

namespace Sessions.Columns.Filling;

/// <summary>Brings the table of merged ids up to date.</summary>
internal sealed class PersonChanges(DuckDBConnection duck, SourceSnapshot source, FileState state)
{
    // The ids above which all persons are read.
    private const int MostIds = 20_000;

    private readonly HashSet<string> _ids = [];
    private bool _areAllRead;

    /// <summary>Whether there is something to read.</summary>
    public bool HaveChanged => _ids.Count > 0 || WereSomeRemoved;

    private bool WereSomeRemoved => source.Mark.Identities != state.Identities;

    /// <summary>The ids whose persons may have changed, after <see cref="Take"/>; null for all ids.</summary>
    public IReadOnlyCollection<string>? Changed => _areAllRead ? null : _ids;

    /// <summary>Says that something new is known about an id.</summary>
    public void Add(string id) => _ids.Add(id);

    /// <summary>Reads the persons of these ids, and returns the number of rows that it removed.</summary>
    public async Task<long> Take(CancellationToken cancellation)
    {
        if (WereSomeRemoved)
        {
            return await TakeAll(cancellation);
        }

        if (_ids.Count == 0)
        {
            return 0;
        }

        // Those who were one person with them may be so no longer: a merge that arrived earlier was committed later.
        _ids.UnionWith(Sql.List<string>(
            duck,
            """
            WITH asked AS (SELECT unnest($1) AS id),
                 known AS (SELECT coalesce(p.person, a.id) AS person FROM asked a LEFT JOIN persons p ON p.distinct_id = a.id)
            SELECT person FROM known
            UNION
            SELECT p.distinct_id FROM persons p WHERE p.person IN (SELECT person FROM known)
            """,
            _ids.ToList()));
        if (_ids.Count <= MostIds)
        {
            _ids.UnionWith(await source.List<string>(SourceStatements.IdsOfPersons, cancellation, (object)_ids.ToArray()));
        }

        if (_ids.Count > MostIds)
        {
            return await TakeAll(cancellation);
        }

        long removed = Sql.Run(duck, "DELETE FROM persons WHERE distinct_id IN (SELECT unnest($1))", _ids.ToList());
        await using NpgsqlDataReader reader = await source.Read(SourceStatements.PersonsAmong, cancellation, (object)_ids.ToArray());
        await Append(reader, cancellation);
        return removed;
    }

    private async Task<long> TakeAll(CancellationToken cancellation)
    {
        _areAllRead = true;
        long removed = Sql.Run(duck, "DELETE FROM persons");
        await using NpgsqlDataReader reader = await source.Read(SourceStatements.Persons, cancellation);
        await Append(reader, cancellation);
        return removed;
    }

    private async Task Append(NpgsqlDataReader reader, CancellationToken cancellation)
    {
        using DuckDBAppender appender = duck.CreateAppender("persons");
        await RowCopy.All(reader, appender, ColumnsSchema.Persons, RowCopy.NoNumbersOfPerson, cancellation);
    }
}
