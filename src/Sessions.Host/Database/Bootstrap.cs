using Npgsql;
using Sessions.Database.Connections;
using Sessions.Database.Migrations;
using Sessions.Database.Readers;
using Sessions.Silo.Projects;

namespace Sessions.Host.Database;

/// <summary>Prepares a server, and a database on it, so that silos can start. Every step can be repeated.</summary>
internal static class Bootstrap
{
    /// <summary>The name of the program's own database and login role on a private server.</summary>
    public const string Name = "sessions";

    /// <summary>
    /// Creates the role and the database, and returns the role's connection string. The role is no superuser.
    /// </summary>
    public static async Task<string> PrepareServer(string adminConnectionString, string password, CancellationToken cancel)
    {
        NpgsqlConnectionStringBuilder admin = new(adminConnectionString);
        string program = new NpgsqlConnectionStringBuilder
        {
            Host = admin.Host,
            Port = admin.Port,
            Database = Name,
            Username = Name,
            Password = password,
        }.ConnectionString;
        await PrepareServerFor(program, adminConnectionString, cancel);
        return program;
    }

    /// <summary>Creates the role and the database of a connection string, if they are missing. The role is no superuser.</summary>
    public static async Task PrepareServerFor(string connectionString, string adminConnectionString, CancellationToken cancel)
    {
        NpgsqlConnectionStringBuilder program = new(connectionString);
        await using NpgsqlConnection admin = new(PostgresAddress.Complete(adminConnectionString));
        await admin.OpenAsync(cancel);
        if (!await Exists(admin, "select exists (select from pg_roles where rolname = $1)", program.Username, cancel))
        {
            await Execute(admin, "select format('create role %I login createrole password %L', $1, $2)", cancel, program.Username, program.Password);
        }

        if (admin.PostgreSqlVersion.Major >= PostgresSettings.FirstWithReserve)
        {
            await Execute(admin, "select format('grant pg_use_reserved_connections to %I', $1)", cancel, program.Username);
        }

        if (!await Exists(admin, "select exists (select from pg_database where datname = $1)", program.Database, cancel))
        {
            await Execute(admin, "select format('create database %I owner %I', $1, $2)", cancel, program.Database, program.Username);
        }
    }

    /// <summary>
    /// Updates the database to the newest schema, creates the default project and its reader, and returns the reader's
    /// connection string and the project's token. Sets the operator's key if there is one.
    /// </summary>
    public static async Task<(string Reader, string Token)> PrepareDatabase(
        string connectionString, string token, string apiKey, string readerPassword, string? operatorKey, CancellationToken cancel)
    {
        await using NpgsqlDataSource database = PostgresAddress.CreateUnpooled(connectionString);
        await Migrator.Migrate(database, cancel);
        // Has an effect only if the program's own role is a superuser.
        await FunctionRights.Restrict(connectionString, new NpgsqlConnectionStringBuilder(connectionString).Username!, cancel);
        await ProjectRow.SetOperator(database, operatorKey, cancel);
        return await PrepareProject(database, connectionString, ProjectId.Default, token, apiKey, readerPassword, cancel);
    }

    /// <summary>Creates another project in a prepared database.</summary>
    public static async Task<(string Reader, string Token)> AddProject(
        string connectionString, string project, string token, string apiKey, string readerPassword, CancellationToken cancel)
    {
        await using NpgsqlDataSource database = PostgresAddress.CreateUnpooled(connectionString);
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
        return (ReaderRole.AddressOf(connectionString, reader, readerPassword), present);
    }

    /// <summary>Leaves the right to execute dangerous functions to the program alone, on a private server.</summary>
    public static Task RestrictFunctions(string adminConnectionString, CancellationToken cancel) =>
        RestrictFunctions(adminConnectionString, Name, Name, cancel);

    /// <summary>
    /// How many connections the program may open on a server: all, without those that are reserved for superusers. From
    /// Postgres 16 on, a part may be reserved for certain roles; whether the program's role is one of them does not matter
    /// here, because that part is small.
    /// </summary>
    public static async Task<int> AllowedConnections(string connectionString, CancellationToken cancel)
    {
        await using NpgsqlDataSource database = PostgresAddress.CreateUnpooled(connectionString);
        await using NpgsqlCommand command = database.CreateCommand(
            "select current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer");
        return (int)(await command.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>Leaves the right to execute dangerous functions to the role of a connection string, in its database.</summary>
    public static Task RestrictFunctionsFor(string connectionString, string adminConnectionString, CancellationToken cancel)
    {
        NpgsqlConnectionStringBuilder program = new(connectionString);
        return RestrictFunctions(adminConnectionString, program.Database!, program.Username!, cancel);
    }

    private static Task RestrictFunctions(string adminConnectionString, string database, string role, CancellationToken cancel) =>
        FunctionRights.Restrict(
            new NpgsqlConnectionStringBuilder(adminConnectionString) { Database = database }.ConnectionString, role, cancel);

    private static async Task<bool> Exists(NpgsqlConnection admin, string sql, string? name, CancellationToken cancel)
    {
        await using NpgsqlCommand command = new(sql, admin) { Parameters = { new() { Value = name } } };
        return (bool)(await command.ExecuteScalarAsync(cancel))!;
    }

    /// <summary>Has Postgres quote the names in a statement, and executes it.</summary>
    private static async Task Execute(NpgsqlConnection admin, string format, CancellationToken cancel, params string?[] names)
    {
        await using NpgsqlCommand quote = new(format, admin);
        foreach (string? name in names)
        {
            quote.Parameters.Add(new() { Value = name ?? "" });
        }

        await using NpgsqlCommand command = new((string)(await quote.ExecuteScalarAsync(cancel))!, admin);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
