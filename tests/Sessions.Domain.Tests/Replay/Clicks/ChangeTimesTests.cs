using CsCheck;
using Sessions.Domain.Replay.Clicks;

namespace Sessions.Domain.Tests.Replay.Clicks;

public sealed class ChangeTimesTests
{
    private const long Span = 25;

    [Fact]
    public void Times_that_are_left_out_change_no_answer_in_any_order() =>
        Gen.Long[0, 300].Array[0, 60].Sample(
            times =>
            {
                var changes = new ChangeTimes(Span);
                foreach (long time in times)
                {
                    changes.Add(time);
                }

                for (long asked = -30; asked < 310; asked++)
                {
                    Assert.Equal(times.Any(time => time >= asked && time <= asked + Span), changes.IsWithin(asked));
                }
            },
            iter: Laws.Cases);

    [Fact]
    public void A_page_that_always_changes_takes_a_bounded_number_of_times()
    {
        var changes = new ChangeTimes(2_500);
        for (long time = 0; time < 3_600_000; time += 7)
        {
            changes.Add(time);
        }

        Assert.InRange(changes.Count, 1, 2 * 3_600_000 / 2_500 + 2);
    }
}
