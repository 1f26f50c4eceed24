using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Sessions.Database.Persons;
using Sessions.Silo.PersonData;
using Sessions.Silo.Projects;

namespace Sessions.Tests.Silo;

/// <summary>Calls for a project are refused while it is being deleted, and no longer.</summary>
public sealed class LeavingProjectTests(TestPostgres postgres) : IAsyncLifetime
{
    private NpgsqlDataSource _database = null!;
    private ForgottenPersons _forgotten = null!;
    private int _deactivations;

    public async ValueTask InitializeAsync()
    {
        _database = NpgsqlDataSource.Create(await postgres.CreateDatabase());
        await ProjectRow.Ensure(_database, "shop", "phc_shop", "sk_shop");
        // The silo reads the list at its next turn in an hour, and when something asks for it.
        _forgotten = new ForgottenPersons(
            _database, Options.Create(new PersonOptions { Every = TimeSpan.FromHours(1) }), TimeProvider.System, NullLogger<ForgottenPersons>.Instance);
        await Run("select tracking.delete_project('shop')");
        await _forgotten.Refresh();
    }

    public async ValueTask DisposeAsync()
    {
        _forgotten.Dispose();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_call_is_refused_while_its_project_is_being_deleted()
    {
        await Assert.ThrowsAsync<SessionsUnavailableException>(async () => await Check());
        Assert.Equal(1, _deactivations);
    }

    [Fact]
    public async Task A_call_for_a_project_that_was_made_again_is_taken_at_once()
    {
        await Run("delete from tracking.projects where project = 'shop'");
        await ProjectRow.Ensure(_database, "shop", "phc_shop", "sk_shop");

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Check()));

        Assert.Equal(0, _deactivations);
    }

    private Task Check() => _forgotten.CheckStays("shop", () => _deactivations++).AsTask();

    private async Task Run(string statement)
    {
        await using NpgsqlCommand command = _database.CreateCommand(statement);
        await command.ExecuteNonQueryAsync();
    }
}
