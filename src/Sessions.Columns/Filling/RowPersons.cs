using DuckDB.NET.Data;
using Sessions.Columns.Files;
using Sessions.Database.Properties;

namespace Sessions.Columns.Filling;

/// <summary>
/// Keeps the persons of rows right: each session and each event has the number of its person, so that a question counts persons without
/// a join. Rows get it when they are written (<see cref="NumberLookup"/>); these statements change it in rows that the file has already.
/// </summary>
internal static class RowPersons
{
    // Each id's person.
    private const string PersonsOfIds =
        $"""
        SELECT ids.number AS id, coalesce(p.{PersonNumbers.OfPerson}, ids.number) AS person
        FROM   ids
        LEFT JOIN persons p ON p.{PersonNumbers.OfId} = ids.number
        """;

    /// <summary>Gives persons to the rows that have a number of their id and no person.</summary>
    public static void OfNewRows(DuckDBConnection duck)
    {
        foreach (string table in (string[])["sessions", PropertyColumns.EventRows])
        {
            Sql.Run(
                duck,
                $"""
                UPDATE {table} SET {PersonNumbers.OfPerson} = n.person FROM ({PersonsOfIds}) n
                WHERE  {table}.{PersonNumbers.OfPerson} IS NULL AND n.id = {table}.{PersonNumbers.OfId}
                """);
        }

        OfGenericIds(duck, sessions: null);
    }

    /// <summary>Changes the rows of ids whose persons have changed.</summary>
    /// <param name="duck">The connection. The table of persons is up to date and has its numbers.</param>
    /// <param name="ids">The ids; null for all.</param>
    public static void OfIds(DuckDBConnection duck, IReadOnlyCollection<string>? ids)
    {
        string persons = ids is null ? PersonsOfIds : $"{PersonsOfIds} WHERE ids.id_hash IN (SELECT md5(unnest($1))::UUID)";
        foreach ((string table, string more) in new[] { ("sessions", ""), (PropertyColumns.EventRows, $"AND NOT {PersonNumbers.NamesNobody}") })
        {
            Sql.Run(
                duck,
                $"""
                UPDATE {table} SET {PersonNumbers.OfPerson} = n.person FROM ({persons}) n
                WHERE  n.id = {table}.{PersonNumbers.OfId} AND n.person <> {table}.{PersonNumbers.OfPerson} {more}
                """,
                ids is null ? [] : [ids.ToList()]);
        }
    }

    /// <summary>
    /// Changes the events with generic ids, such as <c>null</c>: their persons are those of their sessions. An event whose session has no row
    /// is its id's.
    /// </summary>
    /// <param name="duck">The connection.</param>
    /// <param name="sessions">The sessions that may have changed, or have new events; null for all.</param>
    public static void OfGenericIds(DuckDBConnection duck, IReadOnlyCollection<Guid>? sessions) => Sql.Run(
        duck,
        $"""
        UPDATE {PropertyColumns.EventRows} SET {PersonNumbers.OfPerson} = coalesce(n.person, {PersonNumbers.OfId})
        FROM   (SELECT nameless.number AS session, s.{PersonNumbers.OfPerson} AS person
                FROM   {SessionNumbers.Nameless} nameless
                LEFT JOIN sessions s ON s.{SessionNumbers.Of} = nameless.number
                {(sessions is null ? "" : "WHERE nameless.number IN (SELECT number FROM session_numbers WHERE session_id IN (SELECT unnest($1)::UUID))")}) n
        WHERE  {PersonNumbers.NamesNobody} AND {PropertyColumns.EventRows}.{SessionNumbers.Of} = n.session
        AND    {PropertyColumns.EventRows}.{PersonNumbers.OfPerson} IS DISTINCT FROM coalesce(n.person, {PersonNumbers.OfId})
        """,
        sessions is null ? [] : [sessions.Select(session => session.ToString()).ToList()]);
}
