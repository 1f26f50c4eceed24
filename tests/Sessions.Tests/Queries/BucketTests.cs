using Npgsql;
using NpgsqlTypes;
using Sessions.Domain.Querying;

namespace Sessions.Tests.Queries;

/// <summary>The domain's buckets are compared with those of Postgres.</summary>
public sealed class BucketTests(TestPostgres postgres)
{
    [Theory]
    [InlineData("UTC")]
    [InlineData("Europe/Berlin")]
    [InlineData("America/New_York")]
    [InlineData("America/St_Johns")]
    [InlineData("Asia/Kathmandu")]
    [InlineData("Australia/Sydney")]
    [InlineData("Pacific/Chatham")]
    public async Task A_bucket_begins_at_the_same_time_as_in_Postgres(string zone)
    {
        LocalCalendar calendar = new(TimeZoneInfo.FindSystemTimeZoneById(zone), DayOfWeek.Monday);
        Random random = new(7);
        DateTimeOffset[] times = [.. Enumerable.Range(0, 300).Select(_ =>
            new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(random.NextInt64(4L * 365 * 86_400)))];
        await using NpgsqlDataSource database = NpgsqlDataSource.Create(await postgres.SharedDatabase());
        foreach (Interval interval in Enum.GetValues<Interval>())
        {
            await using NpgsqlCommand command = database.CreateCommand(
                "select array_agg(date_trunc($1, time, $2) order by number) from unnest($3) with ordinality as t(time, number)");
            command.Parameters.AddWithValue(interval.ToString());
            command.Parameters.AddWithValue(zone);
            command.Parameters.Add(new NpgsqlParameter { Value = times, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz });

            DateTime[] expected = (DateTime[])(await command.ExecuteScalarAsync())!;

            Assert.Equal(expected, times.Select(time => Buckets.Floor(time, interval, calendar).UtcDateTime));
        }
    }
}
