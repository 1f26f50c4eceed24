using Sessions.Queries.Engines;

namespace Sessions.Tests.Web.Api.Querying;

/// <summary>A gateway that asks columns first. Postgres answers only what columns can't answer exactly.</summary>
public sealed class ColumnsGateway(TestPostgres postgres) : TestGateway(postgres), IAsyncDisposable
{
    private MemoryColumns? _columns;

    protected override ColumnsEngine Columns => _columns ??= new MemoryColumns(() => Database);

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await DisposeAsync();
        using (_columns)
        {
            _columns?.Check();
        }
    }
}
