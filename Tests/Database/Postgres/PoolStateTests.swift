import Testing

@testable import Database

@Suite("The pool of connections")
struct PoolStateTests {
    private let later = ContinuousClock.now + .seconds(10)

    private func taken(_ turn: PoolState<String>.Turn) -> String {
        switch turn {
        case .work(let job): job
        case .sleep: "sleeps"
        case .end: "ends"
        }
    }

    @Test("starts a worker for each job up to its limit, then lets jobs wait in order")
    func limit() {
        var pool = PoolState<String>(limit: 2)
        #expect(pool.submit("a", until: later) == .start(1))
        #expect(pool.submit("b", until: later) == .start(2))
        #expect(taken(pool.next(1)) == "a")
        #expect(taken(pool.next(2)) == "b")
        #expect(pool.submit("c", until: later) == .wait)
        #expect(pool.submit("d", until: later) == .wait)
        #expect(taken(pool.next(2)) == "c")
        #expect(taken(pool.next(1)) == "d")
    }

    @Test("wakes the worker that slept the shortest, and lets the others end")
    func idle() {
        var pool = PoolState<String>(limit: 2)
        for job in ["a", "b"] { _ = pool.submit(job, until: later) }
        for worker in [1, 2] { #expect(taken(pool.next(worker)) != "sleeps") }
        for worker in [1, 2] { #expect(taken(pool.next(worker)) == "sleeps") }
        #expect(pool.submit("c", until: later) == .wake(2))
        let isEnded = pool.expire(1)
        #expect(isEnded)
        let isGone = pool.expire(2)
        #expect(!isGone, "it was woken in this very moment")
        #expect(taken(pool.next(2)) == "c")
        #expect(pool.submit("d", until: later) == .start(3))
    }

    @Test("gives a caller that goes on at once the worker that has just answered it")
    func handOver() {
        var pool = PoolState<String>(limit: 2)
        #expect(pool.submit("a", until: later) == .start(1))
        #expect(taken(pool.next(1)) == "a")
        pool.finish()
        #expect(pool.submit("b", until: later) == .handOver)
        #expect(pool.submit("c", until: later) == .start(2), "one worker takes one job")
        #expect(taken(pool.next(1, isFinishing: true)) == "b")
        #expect(taken(pool.next(2)) == "c")
    }

    @Test("gives up the jobs whose time is over, and no other")
    func overdue() {
        var pool = PoolState<String>(limit: 1)
        let now = ContinuousClock.now
        _ = pool.submit("a", until: later)
        #expect(taken(pool.next(1)) == "a")
        _ = pool.submit("b", until: now)
        _ = pool.submit("c", until: later)
        #expect(pool.nextDeadline == now)
        #expect(pool.overdue(now) == ["b"])
        #expect(pool.overdue(now).isEmpty)
        #expect(taken(pool.next(1)) == "c")
    }

    @Test("is ended once closed and the last job is done")
    func close() {
        var pool = PoolState<String>(limit: 2)
        for job in ["a", "b"] { _ = pool.submit(job, until: later) }
        for worker in [1, 2] { _ = pool.next(worker) }
        #expect(taken(pool.next(1)) == "sleeps")
        _ = pool.submit("c", until: later)
        #expect(pool.close().isEmpty, "the idle one was woken for a job already")
        #expect(pool.submit("d", until: later) == .refuse)
        #expect(taken(pool.next(2)) == "c")
        #expect(!pool.isEnded)
        #expect(taken(pool.next(1)) == "ends")
        #expect(taken(pool.next(2)) == "ends")
        #expect(pool.isEnded)
    }
}
