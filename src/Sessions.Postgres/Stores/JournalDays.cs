using System.Data;
using Npgsql;
using NpgsqlTypes;
using Sessions.Grains;

namespace Sessions.Postgres;

/// <summary>The journal's days: a partition each, which goes as a whole.</summary>
internal sealed class JournalDays(NpgsqlDataSource database) : IJournalDays
{
    // A partition is detached once every transaction that may still see it has ended, and sessions of a day are many.
    private const int DropTimeoutSeconds = 1_800;

    private static readonly string Days = QueryText.Read("journal_days.sql");
    private static readonly string Projects = QueryText.Read("journal_day_projects.sql");
    private static readonly string IsLive = QueryText.Read("journal_day_is_live.sql");
    private static readonly string ForgetSome = QueryText.Read("journal_day_forget_some.sql");
    private static readonly string KeepNames = QueryText.Read("journal_day_keep_names.sql");
    private static readonly string ReleaseNames = QueryText.Read("journal_day_release_names.sql");
    private static readonly string ForgetNames = QueryText.Read("journal_day_forget_names.sql");
    private static readonly string ForgetDevices = QueryText.Read("devices_forget.sql");
    private static readonly string DeleteSessions = QueryText.Read("journal_day_delete_sessions.sql");
    private static readonly string DropStatements = QueryText.Read("journal_day_drop_statements.sql");
    private static readonly string TryLock = QueryText.Read("try_lock_retention.sql");
    private static readonly string Unlock = QueryText.Read("unlock_all.sql");

    public Task<IReadOnlyList<DateOnly>> All() => Ask(async connection =>
    {
        await using var command = new NpgsqlCommand(Days, connection);
        return await Read(command, row => row.GetFieldValue<DateOnly>(0));
    });

    public Task<IReadOnlyList<string>> ProjectsOf(DateOnly day) => Ask(async connection =>
    {
        await using NpgsqlCommand command = Of(Projects, day, connection);
        return await Read(command, row => row.GetString(0));
    });

    public Task<bool> TryDrop(DateOnly day) => Ask(async connection =>
    {
        if (!await MayTake(connection, day, project: null))
        {
            return false;
        }

        await using (NpgsqlCommand projects = Of(Projects, day, connection))
        {
            foreach (string project in await Read(projects, row => row.GetString(0)))
            {
                // The entries go with their partition.
                await Forget(connection, day, project, entriesToo: false);
            }
        }

        await using (NpgsqlCommand delete = Of(DeleteSessions, day, connection))
        {
            await delete.ExecuteNonQueryAsync();
        }

        foreach (string statement in await StatementsFor(day, connection))
        {
            await using var drop = new NpgsqlCommand(statement, connection) { CommandTimeout = DropTimeoutSeconds };
            await drop.ExecuteNonQueryAsync();
        }

        return true;
    });

    public Task<bool> TryForget(DateOnly day, string project) => Ask(async connection =>
    {
        if (!await MayTake(connection, day, project))
        {
            return false;
        }

        await Forget(connection, day, project, entriesToo: true);
        return true;
    });

    /// <summary>Whether it is this silo's turn, and nothing of the day is live; of one project when it is named.</summary>
    private static async Task<bool> MayTake(NpgsqlConnection connection, DateOnly day, string? project)
    {
        // One silo is enough.
        await using var tryLock = new NpgsqlCommand(TryLock, connection);
        if (!(bool)(await tryLock.ExecuteScalarAsync())!)
        {
            return false;
        }

        await using NpgsqlCommand isLive = Of(IsLive, day, connection);
        isLive.Parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)project ?? DBNull.Value });
        return !(bool)(await isLive.ExecuteScalarAsync())!;
    }

    /// <summary>What a project has of a day, some sessions after the other; then the devices that have no others.</summary>
    private static async Task Forget(NpgsqlConnection connection, DateOnly day, string project, bool entriesToo)
    {
        for (Guid? after = Guid.Empty; after is not null;)
        {
            await using NpgsqlCommand some = Of(ForgetSome, day, connection);
            some.Parameters.Add(new NpgsqlParameter<string> { TypedValue = project });
            some.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = after.Value });
            some.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = entriesToo });
            (Guid? last, string[] devices) = (await Read(some, row => (
                row.IsDBNull(0) ? (Guid?)null : row.GetGuid(0), row.GetFieldValue<string[]>(1)))).Single();
            await using var forget = new NpgsqlCommand(ForgetDevices, connection);
            forget.Parameters.Add(new NpgsqlParameter<string> { TypedValue = project });
            forget.Parameters.Add(Columns.Text(devices, device => device));
            await forget.ExecuteNonQueryAsync();
            after = last;
        }

        // In this order, and each again when it was broken off after some of them.
        foreach (string statement in (string[])[KeepNames, ReleaseNames, ForgetNames])
        {
            await using NpgsqlCommand names = Of(statement, day, connection);
            names.Parameters.Add(new NpgsqlParameter<string> { TypedValue = project });
            await names.ExecuteNonQueryAsync();
        }
    }

    private static async Task<IReadOnlyList<string>> StatementsFor(DateOnly day, NpgsqlConnection connection)
    {
        await using NpgsqlCommand command = Of(DropStatements, day, connection);
        return [.. (await Read(command, row => row.GetFieldValue<string[]>(0))).SelectMany(statements => statements)];
    }

    private async Task<T> Ask<T>(Func<NpgsqlConnection, Task<T>> ask)
    {
        try
        {
            await using NpgsqlConnection connection = await database.OpenConnectionAsync();
            try
            {
                return await ask(connection);
            }
            finally
            {
                // Here, for the pool frees what a connection holds only when somebody takes it again. One that broke
                // holds nothing.
                if (connection.State == ConnectionState.Open)
                {
                    await using var unlock = new NpgsqlCommand(Unlock, connection);
                    await unlock.ExecuteNonQueryAsync();
                }
            }
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException or IOException)
        {
            throw new SessionsUnavailableException("The journal's days can't be looked after now.", failure);
        }
    }

    private static NpgsqlCommand Of(string statement, DateOnly day, NpgsqlConnection connection) => new(statement, connection)
    {
        CommandTimeout = DropTimeoutSeconds,
        Parameters = { new NpgsqlParameter<DateOnly> { TypedValue = day } },
    };

    private static async Task<IReadOnlyList<T>> Read<T>(NpgsqlCommand command, Func<NpgsqlDataReader, T> read)
    {
        var rows = new List<T>();
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            rows.Add(read(reader));
        }

        return rows;
    }
}
