using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using DuckDB.NET.Data;
using Sessions.Columns.Files;
using Sessions.Database.Properties;

namespace Sessions.Columns.Filling;

/// <summary>
/// The numbers of ids and sessions that new rows of a file need (<see cref="PersonNumbers"/>, <see cref="SessionNumbers"/>), in memory
/// while the rows are read. Statements over the rows, as <see cref="NumberBackfill"/> has them, take ten times as long for few rows, and a join
/// of all events would lose their order.
/// </summary>
internal sealed class NumberLookup
{
    private const int LongestOnStack = 512;

    private readonly Dictionary<Guid, int> _ids = [];
    private readonly Dictionary<Guid, int> _sessions = [];
    private readonly List<(Guid Key, int Number)> _newIds = [];
    private readonly List<(Guid Key, int Number)> _newSessions = [];
    private readonly HashSet<int> _nameless = [];

    // The person of each merged id, by number.
    private readonly Dictionary<int, int> _persons = [];
    private readonly bool _knowsAll;
    private int _nextId;
    private int _nextSession;

    private NumberLookup(bool knowsAll) => _knowsAll = knowsAll;

    /// <summary>Whether some rows have got no numbers, because their ids or sessions were not asked for.</summary>
    public bool AreSomeMissing { get; private set; }

    /// <summary>All numbers of a file: some 40 bytes for each id, each session and each merged id.</summary>
    public static NumberLookup All(DuckDBConnection duck)
    {
        NumberLookup numbers = new(knowsAll: true);
        Read(duck, "SELECT id_hash, number FROM ids", numbers._ids);
        Read(duck, "SELECT session_id, number FROM session_numbers", numbers._sessions);
        ReadPersons(duck, numbers._persons, "", []);
        // A new file has given its numbers without gaps.
        (numbers._nextId, numbers._nextSession) = (numbers._ids.Count, numbers._sessions.Count);
        return numbers;
    }

    /// <summary>The numbers of some ids and sessions. Those that the file does not know get the next ones.</summary>
    public static NumberLookup Some(DuckDBConnection duck, IEnumerable<string> ids, IReadOnlyCollection<Guid> sessions)
    {
        NumberLookup numbers = new(knowsAll: false);
        // A session keeps its id almost always, and a file has more ids than sessions of these.
        using (DuckDBCommand command = Sql.Command(
            duck,
            $"SELECT session_id, {SessionNumbers.Of}, id_hash, {PersonNumbers.OfId} FROM sessions WHERE session_id IN (SELECT unnest($1)::UUID)",
            [Texts(sessions)]))
        {
            using DuckDBDataReader reader = command.ExecuteReader();
            while (reader.Read())
            {
                numbers._sessions[reader.GetGuid(0)] = reader.GetInt32(1);
                numbers._ids[reader.GetGuid(2)] = reader.GetInt32(3);
            }
        }

        numbers._nextSession = Find(duck, "session_numbers", "session_id", numbers._sessions, [.. sessions], numbers._newSessions);
        numbers._nextId = Find(duck, "ids", "id_hash", numbers._ids, [.. ids.Select(Hash)], numbers._newIds);
        ReadPersons(duck, numbers._persons, "WHERE id_hash IN (SELECT unnest($1)::UUID)", [Texts(numbers._ids.Keys)]);
        return numbers;
    }

    /// <summary>The numbers of an event's id and session; null when <see cref="NumberBackfill"/> gives them.</summary>
    /// <param name="distinctId">The event's distinct id.</param>
    /// <param name="session">The event's session.</param>
    /// <param name="namesNobody">Whether the id is a generic one, such as <c>null</c>, which is no person's (<see cref="PersonIds.NamesNobody"/>).</param>
    public RowNumbers? OfEvent(string distinctId, Guid session, out bool namesNobody)
    {
        namesNobody = PersonIds.NamesNobody(distinctId);
        RowNumbers? numbers = Of(Hash(distinctId), session);
        if (namesNobody && numbers is not null)
        {
            _nameless.Add(numbers.Value.Session);
        }

        return numbers;
    }

    /// <summary>The numbers of an id, by its hash, and of a session; null when <see cref="NumberBackfill"/> gives them.</summary>
    public RowNumbers? Of(Guid id, Guid session)
    {
        int ofId, ofSession;
        if (_knowsAll)
        {
            (ofId, ofSession) = (Known(_ids, id, _newIds, ref _nextId), Known(_sessions, session, _newSessions, ref _nextSession));
        }
        else if (!(_ids.TryGetValue(id, out ofId) & _sessions.TryGetValue(session, out ofSession)))
        {
            AreSomeMissing = true;
            return null;
        }

        return new RowNumbers(ofId, ofSession, _persons.GetValueOrDefault(ofId, ofId));
    }

    /// <summary>Writes the numbers that are new, and returns how many the file has given.</summary>
    public (long Ids, long Sessions) Write(DuckDBConnection duck)
    {
        Write(duck, "ids", _newIds);
        Write(duck, "session_numbers", _newSessions);
        if (_nameless.Count > 0)
        {
            _nameless.ExceptWith(Sql.List<int>(duck, $"SELECT number FROM {SessionNumbers.Nameless}"));
            using DuckDBAppender appender = duck.CreateAppender(SessionNumbers.Nameless);
            foreach (int number in _nameless)
            {
                appender.CreateRow().AppendValue(number).EndRow();
            }
        }

        return (_nextId, _nextSession);
    }

    // As md5(id)::uuid in Postgres.
    [SuppressMessage("Security", "CA5351", Justification = "The hash finds an id's number. It protects nothing.")]
    private static Guid Hash(string id)
    {
        int most = Encoding.UTF8.GetMaxByteCount(id.Length);
        Span<byte> text = most <= LongestOnStack ? stackalloc byte[LongestOnStack] : new byte[most];
        Span<byte> hash = stackalloc byte[MD5.HashSizeInBytes];
        MD5.HashData(text[..Encoding.UTF8.GetBytes(id, text)], hash);
        return new Guid(hash, bigEndian: true);
    }

    /// <summary>Reads the numbers of keys, gives new ones, and returns the number after the last one.</summary>
    private static int Find(
        DuckDBConnection duck, string table, string column, Dictionary<Guid, int> known, IReadOnlyList<Guid> keys, List<(Guid Key, int Number)> added)
    {
        using DuckDBCommand command = Sql.Command(
            duck,
            $"""
            SELECT {column}, number FROM {table} WHERE {column} IN (SELECT unnest($1)::UUID)
            UNION ALL
            SELECT NULL, coalesce(max(number) + 1, 0) FROM {table}
            """,
            [Texts(keys.Where(key => !known.ContainsKey(key)))]);
        using DuckDBDataReader reader = command.ExecuteReader();
        int next = 0;
        while (reader.Read())
        {
            int number = reader.GetInt32(1);
            if (reader.IsDBNull(0))
            {
                next = number;
            }
            else
            {
                known[reader.GetGuid(0)] = number;
            }
        }

        foreach (Guid key in keys)
        {
            Known(known, key, added, ref next);
        }

        return next;
    }

    private static int Known(Dictionary<Guid, int> numbers, Guid key, List<(Guid Key, int Number)> added, ref int next)
    {
        if (!numbers.TryGetValue(key, out int number))
        {
            number = next++;
            numbers.Add(key, number);
            added.Add((key, number));
        }

        return number;
    }

    private static List<string> Texts(IEnumerable<Guid> keys) => [.. keys.Select(key => key.ToString())];

    private static void Read(DuckDBConnection duck, string sql, Dictionary<Guid, int> numbers)
    {
        using DuckDBCommand command = Sql.Command(duck, sql, []);
        using DuckDBDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            numbers.Add(reader.GetGuid(0), reader.GetInt32(1));
        }
    }

    private static void ReadPersons(DuckDBConnection duck, Dictionary<int, int> persons, string condition, object?[] parameters)
    {
        using DuckDBCommand command = Sql.Command(duck, $"SELECT {PersonNumbers.OfId}, {PersonNumbers.OfPerson} FROM persons {condition}", parameters);
        using DuckDBDataReader reader = command.ExecuteReader();
        while (reader.Read())
        {
            // A sender can make two ids with one hash, and so with one number.
            persons[reader.GetInt32(0)] = reader.GetInt32(1);
        }
    }

    private static void Write(DuckDBConnection duck, string table, List<(Guid Key, int Number)> numbers)
    {
        if (numbers.Count == 0)
        {
            return;
        }

        using DuckDBAppender appender = duck.CreateAppender(table);
        foreach ((Guid key, int number) in numbers)
        {
            appender.CreateRow().AppendValue(key).AppendValue(number).EndRow();
        }
    }
}
