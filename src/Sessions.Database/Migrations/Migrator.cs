using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Npgsql;

namespace Sessions.Database.Migrations;

/// <summary>
/// Brings a database to the newest schema: the embedded files named <c>0001_what.sql</c> in the order of their
/// numbers, each in a transaction, each once. Any number of processes may start at the same time.
/// </summary>
/// <remarks>
/// A file named <c>0001_what.contract.sql</c> removes what older versions use. It is applied when no process of an older
/// version is connected, else by a later start. This version works with and without it.
/// </remarks>
public static partial class Migrator
{
    /// <summary>
    /// The advisory lock that older versions hold while they migrate. Every login role can take it too.
    /// </summary>
    private const long LockKey = 0x5e5510_0001;

    // How long the migrator waits for the lock of older versions before it checks who holds it.
    private const string Patience = "2s";

    private const int EnsureAttempts = 20;

    private static readonly string HolderText = SqlFile.Read("migration_lock_is_ours.sql");
    private static readonly string OlderText = SqlFile.Read("older_members.sql");

    /// <summary>
    /// The number of the newest file. Processes carry it in the names of their connections, so that others see which schema
    /// they know.
    /// </summary>
    public static int Newest { get; } = Embedded(typeof(Migrator).Assembly).Max(migration => migration.Number);

    /// <summary>Applies the missing migrations and returns their number.</summary>
    /// <exception cref="InvalidOperationException">A file was edited after it had been applied here.</exception>
    public static Task<int> Migrate(NpgsqlDataSource database, CancellationToken cancel = default) =>
        Apply(database, Embedded(typeof(Migrator).Assembly), cancel);

    /// <summary>The names of the files that this version needs and that have not been applied.</summary>
    public static async Task<IReadOnlyList<string>> Missing(NpgsqlDataSource database, CancellationToken cancel = default)
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(cancel);
        Dictionary<int, string> applied;
        try
        {
            applied = await ReadApplied(connection, cancel);
        }
        catch (PostgresException nothing) when (nothing.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            applied = [];
        }

        return [.. Embedded(typeof(Migrator).Assembly).Where(migration => !migration.IsContract && !applied.ContainsKey(migration.Number)).Select(migration => migration.Name)];
    }

    internal static async Task<int> Apply(
        NpgsqlDataSource database, IReadOnlyList<Migration> migrations, CancellationToken cancel)
    {
        await using NpgsqlConnection turn = await database.OpenConnectionAsync(cancel);
        await EnsureTables(turn, cancel);
        await using NpgsqlTransaction held = await turn.BeginTransactionAsync(cancel);
        await Execute(turn, "lock table migrations.turn in exclusive mode", cancel);
        await WaitForOlderBuilds(turn, cancel);
        await using NpgsqlConnection connection = await database.OpenConnectionAsync(cancel);
        int count = await ApplyLocked(connection, migrations, cancel);
        await held.CommitAsync(cancel);
        return count;
    }

    /// <summary>
    /// If an older version holds its lock, takes that lock until the end of the transaction, which waits until the
    /// older version has finished. If another role holds the lock, does not wait.
    /// </summary>
    private static async Task WaitForOlderBuilds(NpgsqlConnection turn, CancellationToken cancel)
    {
        await Execute(turn, $"set local lock_timeout = '{Patience}'", cancel);
        while (true)
        {
            await Execute(turn, "savepoint waiting", cancel);
            try
            {
                await Execute(turn, $"select pg_advisory_xact_lock({LockKey})", cancel);
                return;
            }
            catch (PostgresException held) when (held.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                await Execute(turn, "rollback to savepoint waiting", cancel);
                await using NpgsqlCommand holder = new(HolderText, turn) { Parameters = { new() { Value = LockKey } } };
                if (!(bool)(await holder.ExecuteScalarAsync(cancel))!)
                {
                    return;
                }
            }
        }
    }

    /// <summary>
    /// Creates the tables of this class. If several processes do this at the same time, all but one may fail.
    /// </summary>
    private static async Task EnsureTables(NpgsqlConnection connection, CancellationToken cancel)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await Execute(
                    connection,
                    """
                    create schema if not exists migrations;
                    create table if not exists migrations.turn ();
                    create table if not exists migrations.applied (
                        number     int         primary key,
                        name       text        not null,
                        sha256     text        not null,
                        applied_at timestamptz not null default now()
                    );
                    """,
                    cancel);
                return;
            }
            catch (PostgresException twin) when (attempt < EnsureAttempts && twin.SqlState
                is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DuplicateTable or PostgresErrorCodes.DuplicateSchema
                or PostgresErrorCodes.DuplicateObject)
            {
                // Another process has created the tables by now.
            }
        }
    }

    internal static IReadOnlyList<Migration> Embedded(Assembly assembly) =>
    [
        .. assembly.GetManifestResourceNames()
            .Where(name => FileName().IsMatch(name))
            .Order(StringComparer.Ordinal)
            .Select(name =>
            {
                using StreamReader reader = new(assembly.GetManifestResourceStream(name)!);
                return new Migration(name, reader.ReadToEnd());
            }),
    ];

    private static async Task<int> ApplyLocked(
        NpgsqlConnection connection, IReadOnlyList<Migration> migrations, CancellationToken cancel)
    {
        Dictionary<int, Migration> twins = [];
        foreach (Migration migration in migrations)
        {
            if (!twins.TryAdd(migration.Number, migration))
            {
                throw new InvalidOperationException($"{migration.Name} and {twins[migration.Number].Name} have the same number.");
            }
        }

        Dictionary<int, string> applied = await ReadApplied(connection, cancel);
        int count = 0;
        foreach (Migration migration in migrations.OrderBy(migration => migration.Number))
        {
            if (!applied.TryGetValue(migration.Number, out string? hash))
            {
                if (!migration.IsContract || !await HasOlderMembers(connection, migration.Number, cancel))
                {
                    await ApplyOne(connection, migration, cancel);
                    count++;
                }
            }
            else if (hash != migration.Sha256)
            {
                throw new InvalidOperationException(
                    $"{migration.Name} was edited after it had been applied to this database; put the change into a new file.");
            }
        }

        return count;
    }

    private static async Task<bool> HasOlderMembers(NpgsqlConnection connection, int number, CancellationToken cancel)
    {
        await using NpgsqlCommand command = new(OlderText, connection) { Parameters = { new() { Value = number } } };
        return (bool)(await command.ExecuteScalarAsync(cancel))!;
    }

    private static async Task ApplyOne(NpgsqlConnection connection, Migration migration, CancellationToken cancel)
    {
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancel);
        await Execute(connection, migration.Sql, cancel);
        await using NpgsqlCommand record = new("insert into migrations.applied (number, name, sha256) values ($1, $2, $3)", connection)
        {
            Parameters = { new() { Value = migration.Number }, new() { Value = migration.Name }, new() { Value = migration.Sha256 } },
        };
        await record.ExecuteNonQueryAsync(cancel);
        await transaction.CommitAsync(cancel);
    }

    private static async Task<Dictionary<int, string>> ReadApplied(NpgsqlConnection connection, CancellationToken cancel)
    {
        Dictionary<int, string> applied = [];
        await using NpgsqlCommand command = new("select number, sha256 from migrations.applied", connection);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            applied.Add(reader.GetInt32(0), reader.GetString(1));
        }

        return applied;
    }

    private static async Task Execute(NpgsqlConnection connection, string sql, CancellationToken cancel)
    {
        // No timeout: waiting for another process, or rewriting a large table, may take long.
        await using NpgsqlCommand command = new(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancel);
    }

    [GeneratedRegex(@"^\d{4}_\w+(\.contract)?\.sql$")]
    private static partial Regex FileName();
}

/// <summary>One step of the schema.</summary>
/// <param name="Name">The file's name, which begins with its number.</param>
/// <param name="Sql">Its statements.</param>
internal sealed record Migration(string Name, string Sql)
{
    /// <summary>Whether it removes what older versions use.</summary>
    public bool IsContract => Name.EndsWith(".contract.sql", StringComparison.Ordinal);

    public int Number => int.Parse(Name.AsSpan(0, 4), CultureInfo.InvariantCulture);

    /// <summary>
    /// The hash of the file, to detect a file that was edited after it was applied. Line endings don't matter.
    /// </summary>
    public string Sha256 => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n").Trim())));
}
