using Npgsql;
using Sessions.Postgres.Migrations;
using Sessions.Postgres.Projects;
using Sessions.Postgres;

namespace Sessions.Host.Database;

/// <summary>Brings a server, and a database on it, to where silos can start. Everything may be done again.</summary>
internal static class Bootstrap
{
    /// <summary>The program's own database and login role on a private server.</summary>
    public const string Name = "sessions";

    /// <summary>The project that is there from the beginning.</summary>
    public const string DefaultProject = "default";

    /// <summary>Makes role and database and returns the role's connection string. The role is no superuser.</summary>
    public static async Task<string> PrepareServer(string adminConnectionString, string password, CancellationToken cancel)
    {
        await using NpgsqlConnection admin = new(adminConnectionString);
        await admin.OpenAsync(cancel);
        if (!await Exists(admin, "select exists (select from pg_roles where rolname = $1)", cancel))
        {
            await using NpgsqlCommand quote = new("select format('create role sessions login createrole password %L', $1)", admin)
            {
                Parameters = { new() { Value = password } },
            };
            await Execute(admin, (string)(await quote.ExecuteScalarAsync(cancel))!, cancel);
        }

        if (!await Exists(admin, "select exists (select from pg_database where datname = $1)", cancel))
        {
            await Execute(admin, "create database sessions owner sessions", cancel);
        }

        return new NpgsqlConnectionStringBuilder
        {
            Host = admin.Host,
            Port = admin.Port,
            Database = Name,
            Username = Name,
            Password = password,
        }.ConnectionString;
    }

    /// <summary>
    /// Brings the database to the newest schema, makes the default project and its reader, and returns the reader's
    /// connection string and the project's token.
    /// </summary>
    public static async Task<(string Reader, string Token)> PrepareDatabase(
        string connectionString, string token, string apiKey, string readerPassword, CancellationToken cancel)
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false });
        await Migrator.Migrate(database, cancel);
        return await PrepareProject(database, connectionString, DefaultProject, token, apiKey, readerPassword, cancel);
    }

    /// <summary>Makes a project besides the default one, in a database that is prepared.</summary>
    public static async Task<(string Reader, string Token)> AddProject(
        string connectionString, string project, string token, string apiKey, string readerPassword, CancellationToken cancel)
    {
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false });
        return await PrepareProject(database, connectionString, project, token, apiKey, readerPassword, cancel);
    }

    private static async Task<(string Reader, string Token)> PrepareProject(
        NpgsqlDataSource database,
        string connectionString,
        string project,
        string token,
        string apiKey,
        string readerPassword,
        CancellationToken cancel)
    {
        string present = await ProjectRow.Ensure(database, project, token, apiKey, cancel);
        string reader = await ReaderRole.Ensure(database, project, readerPassword, cancel);

        // Everything else as it is: whoever needs TLS to get there needs it as a reader too.
        string asReader = new NpgsqlConnectionStringBuilder(connectionString)
        {
            Username = reader,
            Password = readerPassword,
        }.ConnectionString;
        return (asReader, present);
    }

    private static async Task<bool> Exists(NpgsqlConnection admin, string sql, CancellationToken cancel)
    {
        await using NpgsqlCommand command = new(sql, admin) { Parameters = { new() { Value = Name } } };
        return (bool)(await command.ExecuteScalarAsync(cancel))!;
    }

    private static async Task Execute(NpgsqlConnection admin, string sql, CancellationToken cancel)
    {
        await using NpgsqlCommand command = new(sql, admin);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
