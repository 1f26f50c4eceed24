using Npgsql;
using NpgsqlTypes;
using Sessions.Database;
using Sessions.Silo.Journal;
using Sessions.Silo.PersonData;
using Sessions.Silo.Rows;

namespace Sessions.Silo.Sessions;

/// <summary>
/// Erases a person from one session, in one transaction. The transaction first takes the session's next journal number.
/// So it waits for an activation that is still writing, and a later activation's write fails until it loads what is
/// left.
/// </summary>
internal sealed class SessionErasure(NpgsqlDataSource database, StuckWriters stuck)
{
    // An attempt fails when the session has written an entry in between. By now the session refuses the person's
    // events, so this ends.
    private const int MaxAttempts = 20;

    private static readonly string NumbersText = SqlFile.Read("person_session_numbers.sql");
    private static readonly string FenceText = SqlFile.Read("person_session_fence.sql");
    private static readonly string DevicesText = SqlFile.Read("person_session_devices.sql");
    private static readonly string TakeOutText = SqlFile.Read("person_session_take_out.sql");
    private static readonly string HasOthersText = SqlFile.Read("person_session_has_others.sql");
    private static readonly string RemoveMessagesText = SqlFile.Read("person_session_remove_messages.sql");
    private static readonly string UnfoldText = SqlFile.Read("person_session_unfold.sql");
    private static readonly string RemoveEntriesText = SqlFile.Read("person_session_remove_entries.sql");
    private static readonly string ForgottenText = SqlFile.Read("person_session_forgotten.sql");
    private static readonly string CountText = SqlFile.Read("person_deletion_count.sql");
    private static readonly string[] RemoveRowsTexts =
    [
        .. PersonTables.OfSession.Select(table =>
            SqlFile.Read("person_session_remove_rows.sql").Replace("{table}", table, StringComparison.Ordinal)),
    ];

    /// <summary>
    /// Removes the person's events and replay blocks from a session, and the whole session when nothing else is left.
    /// An activation that has not loaded the session since can't write it any more. Does nothing when the session has no
    /// data of the person.
    /// </summary>
    /// <exception cref="SessionsUnavailableException">Postgres is away.</exception>
    public async Task Erase(SessionKey session, PersonDeletion deletion)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await TryErase(session, deletion);
                return;
            }
            catch (PostgresException lost) when (attempt < MaxAttempts && lost.SqlState is
                PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected)
            {
                if (lost.SqlState == PostgresErrorCodes.LockNotAvailable)
                {
                    await stuck.CutOff();
                }
            }
            catch (Exception failure) when (PostgresAway.Is(failure))
            {
                throw new SessionsUnavailableException("Persons can't be deleted now.", failure);
            }
        }
    }

    private async Task TryErase(SessionKey session, PersonDeletion deletion)
    {
        await using NpgsqlConnection connection = await database.OpenConnectionAsync();
        await using NpgsqlTransaction transaction = await connection.BeginTransactionAsync();
        await using (NpgsqlCommand limit = new("set local lock_timeout = '2s'", connection))
        {
            await limit.ExecuteNonQueryAsync();
        }

        if (await FindNumbers(connection, session, deletion) is not var (born, last))
        {
            return;
        }

        int fence = last + 1;
        await Do(connection, FenceText, session, Number(fence), Day(born));
        string[] devices = await FindDevices(connection, session, born);
        (int events, int blocks) = await TakeOut(connection, session, born, deletion);
        bool isShared = await HasOthers(connection, session, born);
        await Do(
            connection, RemoveMessagesText, session, Columns.Text(deletion.Ids, id => id), new NpgsqlParameter<bool> { TypedValue = !isShared });
        if (isShared)
        {
            await Do(connection, UnfoldText, session, Number(fence));
        }
        else
        {
            await Do(connection, RemoveEntriesText, session, Day(born), Number(fence));
            foreach (string removeRows in RemoveRowsTexts)
            {
                await Do(connection, removeRows, session);
            }

            await Do(connection, ForgottenText, session, Number(fence), Day(born));
        }

        await using (NpgsqlCommand count = new(CountText, connection))
        {
            count.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = deletion.Id });
            count.Parameters.Add(Number(isShared ? 0 : 1));
            count.Parameters.Add(new NpgsqlParameter<long> { TypedValue = events });
            count.Parameters.Add(Number(blocks > 0 ? 1 : 0));
            count.Parameters.Add(Columns.Text(devices, device => device));
            count.Parameters.Add(Columns.Of<Guid, Guid>(isShared ? [session.SessionId] : [], id => id, NpgsqlDbType.Uuid));
            await count.ExecuteNonQueryAsync();
        }

        await transaction.CommitAsync();
    }

    private static async Task<(DateOnly Born, int Last)?> FindNumbers(
        NpgsqlConnection connection, SessionKey session, PersonDeletion deletion)
    {
        await using NpgsqlCommand command = Command(
            connection, NumbersText, session, Columns.Text(deletion.Ids, id => id),
            new NpgsqlParameter<DateTimeOffset> { TypedValue = deletion.Until });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        return await reader.ReadAsync() ? (reader.GetFieldValue<DateOnly>(0), reader.GetInt32(1)) : null;
    }

    private static async Task<string[]> FindDevices(NpgsqlConnection connection, SessionKey session, DateOnly born)
    {
        await using NpgsqlCommand command = Command(connection, DevicesText, session, Day(born));
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        var devices = new HashSet<string>();
        while (await reader.ReadAsync())
        {
            devices.Add(StoredDevice.Read(
                reader.IsDBNull(2) ? null : reader.GetString(2),
                reader.GetString(0),
                reader.IsDBNull(1) ? null : reader.GetString(1)));
        }

        return [.. devices];
    }

    private static async Task<(int Events, int Blocks)> TakeOut(
        NpgsqlConnection connection, SessionKey session, DateOnly born, PersonDeletion deletion)
    {
        await using NpgsqlCommand command = Command(
            connection, TakeOutText, session, Day(born), Columns.Text(deletion.Ids, id => id),
            new NpgsqlParameter<DateTimeOffset> { TypedValue = deletion.Until });
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return ((int)reader.GetInt64(0), (int)reader.GetInt64(1));
    }

    private static async Task<bool> HasOthers(NpgsqlConnection connection, SessionKey session, DateOnly born)
    {
        await using NpgsqlCommand command = Command(connection, HasOthersText, session, Day(born));
        return (bool)(await command.ExecuteScalarAsync())!;
    }

    private static async Task Do(
        NpgsqlConnection connection, string statement, SessionKey session, params NpgsqlParameter[] parameters)
    {
        await using NpgsqlCommand command = Command(connection, statement, session, parameters);
        await command.ExecuteNonQueryAsync();
    }

    private static NpgsqlCommand Command(
        NpgsqlConnection connection, string statement, SessionKey session, params NpgsqlParameter[] parameters)
    {
        var command = new NpgsqlCommand(statement, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = session.Project });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = session.SessionId });
        command.Parameters.AddRange(parameters);
        return command;
    }

    private static NpgsqlParameter<int> Number(int number) => new() { TypedValue = number };

    private static NpgsqlParameter<DateOnly> Day(DateOnly day) => new() { TypedValue = day };
}
