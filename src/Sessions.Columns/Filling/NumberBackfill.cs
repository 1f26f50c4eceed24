using System.Globalization;
using DuckDB.NET.Data;
using Sessions.Columns.Files;
using Sessions.Columns.Schema;
using Sessions.Database.Properties;

namespace Sessions.Columns.Filling;

/// <summary>
/// Gives numbers (<see cref="PersonNumbers"/>, <see cref="SessionNumbers"/>) to the rows that have none: the sessions and persons of a new
/// file, and what a catch-up could not look up before it copied its rows (<see cref="NumberLookup"/>).
/// </summary>
internal static class NumberBackfill
{
    /// <summary>
    /// Gives a number to each new id and session, and numbers and persons to the rows that have none yet. Returns what the macros count then.
    /// </summary>
    /// <param name="duck">The connection. The table <c>names</c> has the names of all events.</param>
    /// <param name="counted">What the macros count so far.</param>
    public static FileNumbers Assign(DuckDBConnection duck, FileNumbers counted)
    {
        string withoutNumber = $"{PersonNumbers.OfId} IS NULL";
        // In the order of time: what is asked together has numbers close together.
        Sql.Run(
            duck,
            $"""
            INSERT INTO ids
            SELECT n.id_hash, (SELECT coalesce(max(number), -1) FROM ids) + row_number() OVER (ORDER BY n.first)
            FROM   (SELECT id_hash, min(time) AS first
                    FROM   (SELECT id_hash, start_timestamp AS time FROM sessions WHERE {withoutNumber}
                            UNION ALL
                            SELECT md5(distinct_id)::UUID, timestamp FROM {PropertyColumns.EventRows} WHERE {withoutNumber}
                            UNION ALL
                            SELECT id_hash, NULL FROM persons WHERE {withoutNumber}
                            UNION ALL
                            SELECT person_hash, NULL FROM persons WHERE {withoutNumber})
                    GROUP  BY id_hash) n
            LEFT JOIN ids ON ids.id_hash = n.id_hash
            WHERE  ids.number IS NULL
            """);
        Sql.Run(
            duck,
            $"""
            INSERT INTO session_numbers
            SELECT n.session_id, (SELECT coalesce(max(number), -1) FROM session_numbers) + row_number() OVER (ORDER BY n.first)
            FROM   (SELECT session_id, min(time) AS first
                    FROM   (SELECT session_id, start_timestamp AS time FROM sessions WHERE {withoutNumber}
                            UNION ALL
                            SELECT session_id, timestamp FROM {PropertyColumns.EventRows} WHERE {withoutNumber})
                    GROUP  BY session_id) n
            LEFT JOIN session_numbers known ON known.session_id = n.session_id
            WHERE  known.number IS NULL
            """);
        Sql.Run(
            duck,
            $"""
            INSERT INTO {SessionNumbers.Nameless}
            SELECT DISTINCT n.number
            FROM   {PropertyColumns.EventRows} e
            JOIN   session_numbers n ON n.session_id = e.session_id
            WHERE  e.{withoutNumber} AND e.{PersonNumbers.NamesNobody} AND n.number NOT IN (SELECT number FROM {SessionNumbers.Nameless})
            """);
        SetNumbers(duck, "sessions", "sessions.id_hash");
        SetNumbers(duck, PropertyColumns.EventRows, $"md5({PropertyColumns.EventRows}.distinct_id)::UUID");
        Sql.Run(
            duck,
            $"""
            UPDATE persons SET {PersonNumbers.OfId} = its.number, {PersonNumbers.OfPerson} = whose.number
            FROM   ids its, ids whose
            WHERE  persons.{withoutNumber} AND its.id_hash = persons.id_hash AND whose.id_hash = persons.person_hash
            """);
        RowPersons.OfNewRows(duck);
        return MakeRoom(duck, counted);
    }

    /// <summary>Makes the macros count all numbers, and returns what they count.</summary>
    /// <inheritdoc cref="Assign"/>
    public static FileNumbers MakeRoom(DuckDBConnection duck, FileNumbers counted) => MakeRoom(
        duck,
        counted,
        Number(duck, "SELECT coalesce(max(number) + 1, 0) FROM ids"),
        Number(duck, "SELECT coalesce(max(number) + 1, 0) FROM session_numbers"),
        Number(duck, "SELECT count(*) FROM names"));

    /// <summary>Makes the macros count so many numbers, and returns what they count.</summary>
    /// <inheritdoc cref="FileNumbers.With"/>
    public static FileNumbers MakeRoom(DuckDBConnection duck, FileNumbers counted, long ids, long sessions, long names)
    {
        FileNumbers room = counted.With(ids, sessions, names);
        if (room != counted)
        {
            foreach (string statement in ColumnsSchema.CreateCounts(room))
            {
                Sql.Run(duck, statement);
            }
        }

        return room;
    }

    private static void SetNumbers(DuckDBConnection duck, string table, string hash) => Sql.Run(
        duck,
        $"""
        UPDATE {table} SET {PersonNumbers.OfId} = ids.number, {SessionNumbers.Of} = n.number
        FROM   ids, session_numbers n
        WHERE  {table}.{PersonNumbers.OfId} IS NULL AND ids.id_hash = {hash} AND n.session_id = {table}.session_id
        """);

    private static long Number(DuckDBConnection duck, string sql) => Convert.ToInt64(Sql.Value(duck, sql), CultureInfo.InvariantCulture);
}
