package layer

import (
	"udml-gpu/kernels"
	"udml-gpu/kernels/update"
	"udml-gpu/models/tape"
)

// teacher is what the store of a teacher's parameters knows of the store that they follow.
type teacher struct {
	of    *Store
	pairs *update.List // of each parameter and the one that it follows; nil before Follow
}

// Teacher is the scope of a second set of parameters, a teacher's, by the names of those of s: layers that are recorded in it compute as in
// evaluation, and no gradient flows to them. A parameter begins as a copy of that of s, which is recorded before. The store of s frees
// them. They change only by Follow and StartTeacher.
func (s *Scope) Teacher() *Scope {
	own := s.Store
	if own.teacher == nil {
		own.teacher = NewStore(own.dev, own.dtype, own.seed)
		own.teacher.blank, own.teacher.frozenNorms, own.teacher.teaches = own.blank, true, &teacher{of: own}
	}
	c := *s
	c.Store, c.drop, c.rows = own.teacher, nil, nil
	return &c
}

// TeacherParams are the parameters of the teacher, in order of creation; nil where there is none.
func (s *Store) TeacherParams() []*tape.Param {
	if s.teacher == nil {
		return nil
	}
	return s.teacher.params
}

// StartTeacher makes the teacher's parameters copies of those that they follow.
func (s *Store) StartTeacher() {
	for _, p := range s.TeacherParams() {
		p.Value.CopyFrom(s.byName[p.Name].Value)
	}
}

// Follow has all parameters of the teacher of s, running statistics too, move towards those of s when a step is committed, before these
// move themselves: teacher = keep teacher + (1-keep) s. It is recorded behind the teacher's layers, of which y is a result.
func Follow(s *Scope, y *tape.Var, keep float64) {
	t := s.Store.teacher
	if t.teaches.pairs == nil {
		var own, followed []*kernels.Array
		for _, p := range t.params {
			own, followed = append(own, p.Value), append(followed, s.Store.byName[p.Name].Value)
		}
		t.teaches.pairs = update.NewList(own, followed, nil, nil, nil)
	}
	s.Tape.Apply(tape.Op{
		Name: "teacher follows", In: []*tape.Var{y},
		Forward: func() {},
		Commit:  func(skip *kernels.Array) { t.teaches.pairs.Average(keep, skip) },
	})
}
